// The entries that the tests of the stores use: the samples of the conformance kit.
export {
  createAll,
  fullSession,
  grant,
  keysOf,
  notification,
  session,
} from "../../pkg/testing/samples.js";

/**
 * A step that ends all sessions unless `members` restrict it. Each client is notified by session.
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
