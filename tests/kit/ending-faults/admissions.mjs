// Faults in adding a session below a limit.
import { atomicWith, elsewhere, rewriting } from "../planting.mjs";
import { WAIT } from "./code.mjs";

export const ADMISSIONS = [
  {
    fault: "one session beyond the limit is added",
    case: "atomic: adds a session below the limit, and none at or above it",
    plant: atomicWith(({ admit }) => ({
      admit: (session, limit, ...rest) => admit(session, limit + 1, ...rest),
    })),
  },
  {
    fault: "a session above the limit is added, although the call returns false",
    case: "atomic: adds a session below the limit, and none at or above it",
    plant: atomicWith(({ admit }, { sessions }) => ({
      admit: (session, limit, now, issuer) => {
        const isAdded = admit(session, limit, now, issuer);
        if (!isAdded) sessions.create(session);
        return isAdded;
      },
    })),
  },
  {
    fault: "a session is added without its clients",
    case: "atomic: adds a session under a limit as `create` does",
    plant: atomicWith(({ admit }) => ({
      admit: (session, ...limits) => admit({ ...session, clients: [] }, ...limits),
    })),
  },
  {
    fault: "expired sessions count towards the limit",
    case: "atomic: counts only sessions that are active for the limit",
    plant: atomicWith(({ admit }) => ({
      admit: (session, limit, _now, issuer) => admit(session, limit, 0, issuer),
    })),
  },
  {
    fault: "at the instant of its expiry a session counts towards the limit",
    case: "atomic: counts only sessions that are active for the limit",
    plant: atomicWith(({ admit }) => ({
      admit: (session, limit, now, issuer) => admit(session, limit, now - 1, issuer),
    })),
  },
  {
    fault: "sessions that never expire don't count towards the limit",
    case: "atomic: counts only sessions that are active for the limit",
    plant: rewriting([
      "if (sessions.count(filter) >= limit)",
      "if (sessions.count({ ...filter, expires: { after: now } }) >= limit)",
    ]),
  },
  {
    fault: "removed sessions count towards the limit",
    case: "atomic: applies the limit to the current state of the sessions",
    plant: atomicWith(({ admit }) => {
      const added = new Map();
      return {
        admit: (session, limit, ...rest) => {
          const count = added.get(session.subjectId) ?? 0;
          if (count >= limit || !admit(session, limit, ...rest)) return false;
          added.set(session.subjectId, count + 1);
          return true;
        },
      };
    }),
  },
  {
    fault: "sessions of all subjects count towards the limit",
    case: "atomic: counts no sessions of other subjects for the limit",
    plant: rewriting([
      "{ subjectId: { equals: session.subjectId }, activeAt: now, issuer }",
      "{ activeAt: now, issuer }",
    ]),
  },
  {
    fault: "sessions of a subject with a longer id count towards the limit",
    case: "atomic: counts no sessions of other subjects for the limit",
    plant: rewriting([
      "{ subjectId: { equals: session.subjectId }, activeAt",
      "{ subjectId: { startsWith: session.subjectId }, activeAt",
    ]),
  },
  {
    fault: "sessions of all issuers count towards the limit of one",
    case: "atomic: counts only sessions of the given issuer for the limit",
    plant: atomicWith(({ admit }) => ({
      admit: (session, limit, now) => admit(session, limit, now),
    })),
  },
  {
    fault: "only sessions of the new session's issuer count towards a limit for all issuers",
    case: "atomic: counts only sessions of the given issuer for the limit",
    plant: atomicWith(({ admit }) => ({
      admit: (session, limit, now) => admit(session, limit, now, session.issuer),
    })),
  },
  {
    fault: "a duplicate key overwrites the session under a limit",
    case: "atomic: rejects a duplicate key under a limit, and changes nothing",
    plant: atomicWith(({ admit }, { sessions }) => ({
      admit: (session, ...limits) => {
        sessions.remove([session.key]);
        return admit(session, ...limits);
      },
    })),
  },
  {
    fault: "a duplicate key is skipped without an error",
    case: "atomic: rejects a duplicate key under a limit, and changes nothing",
    plant: atomicWith(({ admit }, { sessions }) => ({
      admit: (session, ...limits) =>
        sessions.get(session.key) === undefined && admit(session, ...limits),
    })),
  },
  {
    fault: "the sessions are counted before one is added, not with it",
    case: "atomic: adds no more sessions of one subject than the limit, if many are added at once",
    plant: rewriting(
      [
        "    admit(session, limit, now, issuer) {",
        "    async admit(session, limit, now, issuer) {",
      ],
      [">= limit) return false;", `>= limit) return false;\n      ${WAIT}`],
    ),
  },
  {
    fault: "a session is refused while another session is added",
    case: "atomic: applies the limit per subject, if sessions of several are added at once",
    plant: atomicWith(({ admit }) => {
      let isBusy = false;
      return {
        admit: async (session, ...limits) => {
          if (isBusy) return false;
          isBusy = true;
          await elsewhere();
          isBusy = false;
          return admit(session, ...limits);
        },
      };
    }),
  },
];
