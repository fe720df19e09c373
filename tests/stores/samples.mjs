// What the tests of the stores put into them: the samples of the conformance kit.
export {
  createAll,
  fullSession,
  grant,
  keysOf,
  notification,
  session,
} from "../../pkg/testing/samples.js";

/**
 * A step that ends sessions: all of them unless `members` narrow that down. Each client is notified
 * by session.
 */
export function endingStep(members = {}) {
  const notify = {
    clients: [],
    others: true,
    reason: "terminated",
    created: 1_000,
    returned: 1_000,
  };
  return { filter: {}, order: "oldest", limit: 1_000, notify, details: true, ...members };
}
