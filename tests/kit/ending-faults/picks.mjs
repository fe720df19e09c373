// Faults in the sessions that a step ends.
import { atomicWith, resultsBy, rewriting, sessionsWith, stepsBy } from "../planting.mjs";
import { without } from "./code.mjs";

/** Selects a surplus differently. */
const surplusBy = (change) =>
  stepsBy(({ surplus, ...step }) => ({ ...step, ...(surplus && { surplus: change(surplus) }) }));

export const PICKS = [
  {
    fault: "the port names another session store",
    case: "atomic: declares the stores that share its transaction",
    plant: atomicWith(({ covers }) => ({
      covers: { ...covers, sessions: { ...covers.sessions } },
    })),
  },
  {
    fault: "the port names another outbox",
    case: "atomic: declares the stores that share its transaction",
    plant: atomicWith(({ covers }) => ({ covers: { ...covers, outbox: { ...covers.outbox } } })),
  },
  {
    fault: "a step ignores its filter",
    case: "atomic: ends the sessions that match, and no others",
    plant: stepsBy((step) => ({ ...step, filter: {} })),
  },
  {
    fault: "a step returns more fields of its sessions than documented",
    case: "atomic: ends the sessions that match, and no others",
    plant: resultsBy((result) => ({
      ...result,
      ...(result.sessions && {
        sessions: result.sessions.map((session) => ({ ...session, key: "secret" })),
      }),
    })),
  },
  {
    fault: "an empty list of keys counts as no list",
    case: "atomic: ends nothing and has no last position if no session matches",
    plant: stepsBy(({ keys, ...step }) => (keys?.length > 0 ? { ...step, keys } : step)),
  },
  {
    fault: "a step that ended nothing reports more",
    case: "atomic: ends nothing and has no last position if no session matches",
    plant: resultsBy((result) => ({ ...result, more: true })),
  },
  {
    fault: "a step that ended nothing has a last position",
    case: "atomic: ends nothing and has no last position if no session matches",
    plant: resultsBy((result) => ({ last: "0/0", ...result })),
  },
  {
    fault: "a step skips expired sessions",
    case: "atomic: ends expired sessions too",
    plant: stepsBy((step) => ({ ...step, filter: { activeAt: 2, ...step.filter } })),
  },
  {
    fault: "a step matches a prefix of a subject anywhere in it",
    case: "atomic: ends the sessions that a list finds, with every filter",
    plant: stepsBy(({ filter, ...step }) => ({
      ...step,
      filter:
        filter.subjectId?.startsWith === undefined
          ? filter
          : { ...filter, subjectId: { contains: filter.subjectId.startsWith } },
    })),
  },
  {
    fault: "a step ignores the state in its filter",
    case: "atomic: ends the sessions that a list finds, with every filter",
    plant: stepsBy(({ filter: { activeAt: _, ...filter }, ...step }) => ({ ...step, filter })),
  },
  {
    fault: "a step ignores its keys",
    case: "atomic: ends only sessions with one of the keys",
    plant: stepsBy(without("keys")),
  },
  {
    fault: "a step with keys ignores its filter",
    case: "atomic: ends sessions with one of the keys only if they match the filter",
    plant: stepsBy((step) => (step.keys === undefined ? step : { ...step, filter: {} })),
  },
  {
    fault: "a step ignores the excluded session ids",
    case: "atomic: ends no session with an excluded session id",
    plant: stepsBy(without("exceptSessionIds")),
  },
  {
    fault: "excluded session ids are compared ignoring case",
    case: "atomic: ends no session with an excluded session id",
    plant: rewriting([
      "!exceptSessionIds.includes(session.sessionId)",
      "!exceptSessionIds.includes(session.sessionId.toLowerCase())",
    ]),
  },
  {
    fault: "spaces around excluded session ids are ignored",
    case: "atomic: ends no session with an excluded session id",
    plant: rewriting([
      "!exceptSessionIds.includes(session.sessionId)",
      "!exceptSessionIds.includes(session.sessionId.trim())",
    ]),
  },
  {
    fault: "the surplus is ignored",
    case: "atomic: ends the surplus by creation: all except those created last",
    plant: stepsBy(without("surplus")),
  },
  {
    fault: "the surplus keeps the first sessions",
    case: "atomic: ends the surplus by creation: all except those created last",
    plant: rewriting(["slice(0, Math.max(0, active.length - keep))", "slice(keep)"]),
  },
  {
    fault: "the surplus wraps around if fewer sessions match than are kept",
    case: "atomic: ends the surplus by creation: all except those created last",
    plant: rewriting(["Math.max(0, active.length - keep)", "active.length - keep"]),
  },
  {
    fault: "the surplus is sorted by creation instead of renewal",
    case: "atomic: ends the surplus by renewal: all except those renewed last",
    plant: surplusBy((surplus) => ({ ...surplus, by: "created" })),
  },
  {
    fault: "the surplus is sorted by renewal instead of creation",
    case: "atomic: ends the surplus by creation: all except those created last",
    plant: surplusBy((surplus) => ({ ...surplus, by: "renewed" })),
  },
  {
    fault: "among sessions of the same instant, the surplus keeps the first",
    case: "atomic: keeps the last ones in the store's order if the surplus has the same time",
    plant: rewriting([
      "(row, other) => row.session[by] - other.session[by])",
      "(row, other) => row.session[by] - other.session[by] || other.id - row.id)",
    ]),
  },
  {
    fault: "expired sessions count in the surplus",
    case: "atomic: ignores expired sessions in the surplus",
    plant: surplusBy((surplus) => ({ ...surplus, activeAt: 0 })),
  },
  {
    fault: "at the instant of its expiry a session still counts as active in the surplus",
    case: "atomic: ignores expired sessions in the surplus",
    plant: surplusBy((surplus) => ({ ...surplus, activeAt: surplus.activeAt - 1 })),
  },
  {
    fault: "sessions that don't match count in the surplus",
    case: "atomic: counts only sessions that match the filter in the surplus",
    plant: rewriting(["surplusOf(filter, surplus)", "surplusOf({}, surplus)"]),
  },
  {
    fault: "the surplus is recounted after the position of a step",
    case: "atomic: ends the same surplus in several steps, each after the previous one",
    plant: rewriting(
      ["surplusOf(filter, surplus)", "surplusOf(filter, surplus, after)"],
      ["(filter, { keep, by, activeAt })", "(filter, { keep, by, activeAt }, after)"],
      [
        'inOrder("oldest", filter).filter(isActive)',
        `inOrder("oldest", filter)
          .filter(isActive)
          .filter((row) => after === undefined || sideOf("oldest", row, after) > 0)`,
      ],
    ),
  },
  {
    fault: "a step is ordered by creation instead of expiry",
    case: "atomic: ends sessions in the order of the step",
    plant: stepsBy((step) => ({ ...step, order: "oldest" })),
  },
  {
    fault: "a step in the order of expiry ends sessions that never expire",
    case: "atomic: ends sessions in the order of the step",
    plant: rewriting([
      "const found = inOrder(order, filter)\n      .filter(({ session }) => keys",
      `const isLeftOut = (row) => !inOrder(order, filter).includes(row);
    const found = [...inOrder(order, filter), ...inOrder("oldest", filter).filter(isLeftOut)]
      .filter(({ session }) => keys`,
    ]),
  },
  {
    fault: "a step ends the newest sessions first",
    case: "atomic: ends sessions in the order of the step",
    plant: rewriting([
      "{ ended: found.slice(0, limit), more",
      "{ ended: found.slice(-limit), more",
    ]),
  },
  {
    fault: "a step ignores its limit",
    case: "atomic: ends sessions in the order of the step",
    plant: stepsBy((step) => ({ ...step, limit: 1_000 })),
  },
  {
    fault: "the last position is that of the first session",
    case: "atomic: ends sessions in the order of the step",
    plant: rewriting(["ended.at(-1)", "ended.at(0)"]),
  },
  {
    fault: "the last position is always in the order of creation",
    case: "atomic: ends sessions in the order of the step",
    plant: rewriting([
      "positionOf(pick.order, ended.at(-1))",
      'positionOf("oldest", ended.at(-1))',
    ]),
  },
  {
    fault: "the last position is the greatest when compared as strings",
    case: "atomic: ends sessions in the order of the step",
    plant: rewriting([
      "positionOf(pick.order, ended.at(-1))",
      "ended.map((row) => positionOf(pick.order, row)).sort().at(-1)",
    ]),
  },
  {
    fault: "the last position by expiry is that of the first session of the same instant",
    case: "atomic: ends sessions with the same time in the order of a list",
    plant: rewriting([
      "positionOf(pick.order, ended.at(-1))",
      `positionOf(pick.order, ended.find(({ session }) => {
        const latest = ended.at(-1).session;
        return pick.order === "expiry" ? session.expires === latest.expires : session === latest;
      }))`,
    ]),
  },
  {
    fault: "a step never reports more",
    case: "atomic: ends sessions in the order of the step",
    plant: resultsBy((result) => ({ ...result, more: false })),
  },
  {
    fault: "a step ends the last sessions of the same instant first",
    case: "atomic: ends sessions with the same time in the order of a list",
    plant: rewriting([
      "return { ended: found.slice(0, limit), more",
      `const time = (row) => placeOf(order, row)[0];
    found.sort((row, other) => time(row) - time(other) || other.id - row.id);
    return { ended: found.slice(0, limit), more`,
    ]),
  },
  {
    fault: "a step ignores its position",
    case: "atomic: ends only sessions after a position, even if its session was removed",
    plant: stepsBy(without("after")),
  },
  {
    fault: "a step ends the session at its position",
    case: "atomic: ends only sessions after a position, even if its session was removed",
    plant: rewriting([
      "sideOf(order, row, after) > 0);\n    return { ended",
      "sideOf(order, row, after) >= 0);\n    return { ended",
    ]),
  },
  {
    fault: "the position of a step is invalid once its row is removed",
    case: "atomic: ends only sessions after a position, even if its session was removed",
    plant: rewriting(
      [
        "after === undefined || sideOf(order, row, after) > 0);\n    return { ended",
        `after === undefined || !isThere(after) || sideOf(order, row, after) > 0);
    return { ended`,
      ],
      [
        "const few = surplus",
        `const isThere = (position) => rows.some((row) => positionOf(order, row) === position);
    const few = surplus`,
      ],
    ),
  },
  {
    fault: "excluded sessions count towards the limit of a step",
    case: "atomic: skips excluded sessions if the next step starts after the last position",
    plant: rewriting(
      ["      .filter(({ session }) => !exceptSessionIds.includes(session.sessionId))\n", ""],
      [
        "ended: found.slice(0, limit), more",
        `ended: found
        .slice(0, limit)
        .filter(({ session }) => !exceptSessionIds.includes(session.sessionId)), more`,
      ],
    ),
  },
  {
    fault: "the ended sessions are always listed",
    case: "atomic: lists the ended sessions only if details are requested",
    plant: stepsBy((step) => ({ ...step, details: true })),
  },
  {
    fault: "the ended sessions are never listed",
    case: "atomic: lists the ended sessions only if details are requested",
    plant: resultsBy(without("sessions")),
  },
  {
    fault: "an ended session is listed without its issuer",
    case: "atomic: lists the ended sessions only if details are requested",
    plant: resultsBy(({ sessions, ...result }) => ({
      ...result,
      ...(sessions && { sessions: sessions.map(({ issuer: _, ...ids }) => ids) }),
    })),
  },
  {
    fault: "the clients of an ended session remain",
    case: "atomic: leaves nothing of an ended session",
    plant: (stores) => {
      const { sessions, atomic } = stores;
      let strays = 0;
      const count = (filter) =>
        sessions.count(filter) + (filter.clientId === undefined ? 0 : strays);
      return {
        ...stores,
        sessions: { ...sessions, count },
        atomic: {
          ...atomic,
          endSessions: (step) => {
            const result = atomic.endSessions(step);
            strays += result.ended;
            return result;
          },
        },
      };
    },
  },
  {
    fault: "an ended session is still found by its key",
    case: "atomic: leaves nothing of an ended session",
    plant: (stores) => {
      const cached = new Map();
      return sessionsWith(({ get, create }) => ({
        create: (session) => {
          create(session);
          cached.set(session.key, structuredClone(session));
        },
        get: (key) => get(key) ?? cached.get(key),
      }))(stores);
    },
  },
  {
    fault: "a client of several sessions is returned several times",
    case: "atomic: returns the clients of the sessions that a step would end",
    plant: rewriting([
      "[...new Set(clients.map(({ clientId }) => clientId))]",
      "clients.map(({ clientId }) => clientId)",
    ]),
  },
  {
    fault: "clients of sessions beyond the limit are returned",
    case: "atomic: returns the clients of the sessions that a step would end",
    plant: atomicWith(({ clientsOf }) => ({
      clientsOf: (pick) => clientsOf({ ...pick, limit: 1_000 }),
    })),
  },
  ...["keys", "exceptSessionIds", "surplus"].map((name) => ({
    fault: `clients are returned regardless of \`${name}\``,
    case: "atomic: returns the clients of the sessions that a step would end",
    plant: atomicWith(({ clientsOf }) => ({ clientsOf: (pick) => clientsOf(without(name)(pick)) })),
  })),
  {
    fault: "a call that returns the clients ends the sessions",
    case: "atomic: returns the clients of the sessions that a step would end",
    plant: atomicWith(({ clientsOf, endSessions }) => ({
      clientsOf: (pick) => {
        const clients = clientsOf(pick);
        endSessions({ ...pick, details: false });
        return clients;
      },
    })),
  },
  {
    fault: "a step uses only 300 keys",
    case: "atomic: ends hundreds of sessions in several steps",
    plant: stepsBy(({ keys, ...step }) => (keys ? { ...step, keys: keys.slice(0, 300) } : step)),
  },
  {
    fault: "a step uses only 300 excluded session ids",
    case: "atomic: ends hundreds of sessions in several steps",
    plant: stepsBy(({ exceptSessionIds, ...step }) => ({
      ...step,
      exceptSessionIds: exceptSessionIds?.slice(0, 300),
    })),
  },
  {
    fault: "a step ends fewer sessions than its limit and reports no more",
    case: "atomic: ends hundreds of sessions in several steps",
    plant: atomicWith(({ endSessions }) => ({
      endSessions: (step) => {
        const result = endSessions({ ...step, limit: Math.min(step.limit, 200) });
        return step.limit > 200 ? { ...result, more: false } : result;
      },
    })),
  },
];
