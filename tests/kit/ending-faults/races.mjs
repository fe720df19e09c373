// Faults that only concurrent steps show.
import { rewriting } from "../planting.mjs";
import { ASYNC, PICK, RECORD, WAIT } from "./code.mjs";

/** The sessions are picked, other calls run, and then the sessions end. */
const CHOOSING_FIRST = rewriting(ASYNC, [PICK, `${PICK} ${WAIT}`]);
/** The notifications are recorded, other calls run, and then the sessions end. */
const RECORDING_FIRST = rewriting(ASYNC, [RECORD, `${RECORD} ${WAIT}`]);

export const RACES = [
  {
    fault: "a session is ended by several concurrent steps",
    case: "atomic: ends each session in only one of many concurrent steps",
    plant: CHOOSING_FIRST,
  },
  {
    fault: "a step returns a session whose notification another step recorded",
    case: "atomic: records each notification in only one of many concurrent steps",
    plant: CHOOSING_FIRST,
  },
  {
    fault: "a grant is counted by each of two concurrent steps",
    case: "atomic: counts each grant in only one of many concurrent steps",
    plant: rewriting(ASYNC, [
      "const revoked = revokedBy(ended, revoke);\n",
      `const revoked = revokedBy(ended, revoke);\n        ${WAIT}\n`,
    ]),
  },
  {
    fault: "a client that is added during a step is lost",
    case: "atomic: notifies a client that is added during a step, if it was added",
    plant: RECORDING_FIRST,
  },
  {
    fault: "clients that are added during a step over many sessions are lost",
    case: "atomic: notifies clients that are added during a large step, if they were added",
    plant: RECORDING_FIRST,
  },
  {
    fault: "a session that was renewed meanwhile is ended",
    case: "atomic: either renews a session or ends it as expired, if both run at once",
    plant: CHOOSING_FIRST,
  },
  {
    fault: "a step returns a session that was removed meanwhile",
    case: "atomic: returns each session to either a step or a removal, if both run at once",
    plant: CHOOSING_FIRST,
  },
  {
    fault: "a step misses a session whose key has changed meanwhile",
    case: "atomic: ends a session of a subject while its key changes",
    plant: rewriting(ASYNC, [
      PICK,
      `const keys = picked(pick).ended.map(({ session }) => session.key);
        ${WAIT}
        const { ended, more } = picked({ ...pick, keys });`,
    ]),
  },
  {
    fault: "a surplus is counted by several concurrent steps",
    case: "atomic: leaves no more than the kept sessions, if several surpluses end at once",
    plant: CHOOSING_FIRST,
  },
];
