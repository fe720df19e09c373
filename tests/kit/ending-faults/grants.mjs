// Faults in the grants that a step removes.
import { rewriting, stepsBy } from "../planting.mjs";
import { PICK, without } from "./code.mjs";

/** Selects the grants of ended sessions differently. */
const ofSessionsBy = (change) =>
  stepsBy(({ revoke, ...step }) => {
    if (revoke === undefined) return step;
    const { ofSessions, ...others } = revoke;
    return {
      ...step,
      revoke: { ...others, ...(ofSessions && { ofSessions: change(ofSessions) }) },
    };
  });

const OF_SESSIONS = "atomic: removes the grants of the sessions that it ends, by type and client";

export const GRANTS = [
  {
    fault: "a step removes grants without `revoke`",
    case: "atomic: removes no grants without `revoke`",
    plant: rewriting(["{ revoke = {}, notify", "{ revoke = { ofSessions: { types: [] } }, notify"]),
  },
  {
    fault: "a step with an empty `revoke` removes all grants of its sessions",
    case: "atomic: removes no grants without `revoke`",
    plant: rewriting([
      "{ matching = [], ofSessions })",
      "{ matching = [], ofSessions = { types: [] } })",
    ]),
  },
  {
    fault: "grants by filter remain if no session ends",
    case: "atomic: removes the grants that a filter matches, even if no session ends",
    plant: rewriting([
      "...matching.flatMap((filter) => meant(filter))",
      "...(ended.length > 0 ? matching : []).flatMap((filter) => meant(filter))",
    ]),
  },
  {
    fault: "a step removes the grants of all clients if the filter has a subject and a session",
    case: "atomic: removes the grants that a filter matches, even if no session ends",
    plant: stepsBy(({ revoke, ...step }) => ({
      ...step,
      revoke: {
        ...revoke,
        matching: revoke?.matching?.map((filter) =>
          filter.subjectId !== undefined && filter.sessionId !== undefined
            ? without("clientIds")(filter)
            : filter,
        ),
      },
    })),
  },
  ...["clientIds", "exceptClientIds", "ofParticipants"].map((name) => ({
    fault: `a step removes grants of its sessions regardless of \`${name}\``,
    case: OF_SESSIONS,
    plant: ofSessionsBy(without(name)),
  })),
  {
    fault: "a step removes grants of its sessions regardless of their types",
    case: OF_SESSIONS,
    plant: ofSessionsBy((ofSessions) => ({ ...ofSessions, types: [] })),
  },
  {
    fault: "an empty list of types matches no grant",
    case: OF_SESSIONS,
    plant: rewriting([
      "(types.length === 0 || types.includes(grant.type)) &&\n      (clientIds",
      "types.includes(grant.type) &&\n      (clientIds",
    ]),
  },
  {
    fault: "a step removes grants of its sessions regardless of their subjects",
    case: OF_SESSIONS,
    plant: rewriting(["      grant.subjectId === session.subjectId &&\n", ""]),
  },
  {
    fault: "a step removes grants of its subjects regardless of their sessions",
    case: OF_SESSIONS,
    plant: rewriting(["      grant.sessionId === session.sessionId &&\n", ""]),
  },
  {
    fault: "the clients of grants of a session are compared ignoring case",
    case: OF_SESSIONS,
    plant: ofSessionsBy(({ exceptClientIds, ...ofSessions }) => ({
      ...ofSessions,
      ...(exceptClientIds && {
        exceptClientIds: exceptClientIds.map((clientId) => clientId.toLowerCase()),
      }),
    })),
  },
  {
    fault: "an empty list of clients matches all clients",
    case: "atomic: removes no grants for an empty list of clients",
    plant: ofSessionsBy((ofSessions) =>
      ofSessions.clientIds?.length === 0 ? without("clientIds")(ofSessions) : ofSessions,
    ),
  },
  {
    fault: "a client of one session of a step counts as a client of all of them",
    case: "atomic: uses the participants of each session separately",
    plant: rewriting([
      "(!ofParticipants || session.clients.some(",
      "(!ofParticipants || ended.flatMap((row) => row.session.clients).some(",
    ]),
  },
  {
    fault: "the participants of only one of two sessions with the same ids are used",
    case: "atomic: uses the participants of all sessions with the same ids",
    plant: rewriting([
      "ended.some(isOfSession(grant))",
      `[...new Map(ended.map((row) => {
        const { subjectId, sessionId } = row.session;
        return [JSON.stringify([subjectId, sessionId]), row];
      })).values()].some(isOfSession(grant))`,
    ]),
  },
  {
    fault: "a step removes the grants of all sessions that match",
    case: "atomic: removes only grants of the sessions that it ends, and only once",
    plant: rewriting([
      "revokedBy(ended, revoke)",
      "revokedBy(picked({ ...pick, limit: 1_000 }).ended, revoke)",
    ]),
  },
  {
    fault: "a grant is counted once for each member that matches it",
    case: "atomic: counts a grant once if several members match it",
    plant: rewriting(
      [
        "return new Set([...matching.flatMap((filter) => meant(filter)), ...ofEnded]);",
        "return [...matching.flatMap((filter) => meant(filter)), ...ofEnded];",
      ],
      ["!revoked.has(grant));\n        rows", "!revoked.includes(grant));\n        rows"],
    ),
  },
  {
    fault: "a step uses only 200 clients of grants",
    case: "atomic: removes the grants of hundreds of sessions",
    plant: ofSessionsBy(({ exceptClientIds, ...ofSessions }) => ({
      ...ofSessions,
      ...(exceptClientIds && { exceptClientIds: exceptClientIds.slice(0, 200) }),
    })),
  },
  {
    fault: "a step removes the grants of only a hundred sessions",
    case: "atomic: removes the grants of hundreds of sessions",
    plant: rewriting(["revokedBy(ended, revoke)", "revokedBy(ended.slice(0, 100), revoke)"]),
  },
  {
    fault: "the notifications of a failed step remain",
    case: "atomic: does all of a step or nothing, wherever it fails",
    plant: rewriting(["[rows, tokens, notifications] = before;\n", "[rows, tokens] = before;\n"]),
  },
  {
    fault: "a step removes its sessions first, and doesn't restore them if the rest fails",
    case: "atomic: does all of a step or nothing, wherever it fails",
    plant: rewriting(
      [
        PICK,
        `${PICK}
        rows = rows.filter((row) => !ended.includes(row));`,
      ],
      ["[rows, tokens, notifications] = before;\n", "[, tokens, notifications] = before;\n"],
    ),
  },
];
