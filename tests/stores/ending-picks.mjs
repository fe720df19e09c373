// Steps that end sessions, for the tests of query plans.
import { endingStep } from "./samples.mjs";

/** More keys than a statement lists individually. */
const LONG_LIST = Array.from({ length: 30 }, (_, n) => `client ${n}`);

/** A position in the form of `sql/position.ts`: created at 1,000, as the tenth. */
const POSITION = "rs.a";

/** Picks that find their sessions in every possible way. */
export const ENDING_PICKS = [
  { filter: { subjectId: { equals: "subject 1" } } },
  { filter: { subjectId: { equals: "subject 1" } }, exceptSessionIds: ["sid 1"] },
  { filter: { subjectId: { equals: "subject 1" }, sessionId: { equals: "sid 2" } } },
  { filter: { sessionId: { equals: "sid 2" } } },
  { filter: {}, keys: ["key 1", "key 2", ...LONG_LIST] },
  { filter: { expiredAt: 3_100 }, order: "expiry" },
  { filter: { clientId: "client 3" }, after: POSITION },
  { filter: { created: { before: 1_100 } }, after: POSITION },
  ...["created", "renewed"].map((by) => ({
    filter: { subjectId: { equals: "subject 1" } },
    surplus: { keep: 2, by, activeAt: 2_000 },
  })),
];

/** A step with all members. */
export const fullStep = (pick) =>
  endingStep({
    limit: 10,
    revoke: {
      matching: [{ subjectId: "subject 1" }, { sessionId: "sid 2", clientIds: ["shop"] }],
      ofSessions: { types: ["type 1"], exceptClientIds: ["client 1"], ofParticipants: true },
    },
    notify: {
      ...endingStep().notify,
      clients: [
        { clientId: "client 1", by: "subject", ways: [{ kind: "logout", logoutUri: "https://a" }] },
        { clientId: "client 2", by: "session", ways: [{ kind: "logout", logoutUri: "https://b" }] },
      ],
    },
    ...pick,
  });
