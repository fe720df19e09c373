// Faults in conditions, row ids and the port that ends sessions as a set.
import {
  atomicWith,
  elsewhere,
  noticesBy,
  resultsBy,
  rewriting,
  sessionsWith,
  stepsBy,
} from "./planting.mjs";

/** Code that lets other calls run first. */
const WAIT = "await new Promise((resolve) => setImmediate(resolve));";

/** Two steps of `endSessions`, as they are in its code. */
const PICK = "const { ended, more } = picked(pick);";
const RECORD = "const recorded = notify ? addAll(noticesOf(ended, notify)) : [];";

/** Makes `endSessions` asynchronous. */
const ASYNC = ["    endSessions({ revoke", "    async endSessions({ revoke"];

/** Changes a condition on its way to the store. */
const conditionsBy = (change) =>
  sessionsWith(({ update, remove }) => ({
    update: (key, value, condition) => update(key, value, condition && change(condition)),
    remove: (keys, condition) => remove(keys, condition && change(condition)),
  }));

const without =
  (name) =>
  ({ [name]: _, ...rest }) =>
    rest;

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

/** Selects a surplus differently. */
const surplusBy = (change) =>
  stepsBy(({ surplus, ...step }) => ({ ...step, ...(surplus && { surplus: change(surplus) }) }));

const CONDITIONS = [
  {
    fault: "a session that expires at the instant of a condition doesn't match",
    case: "sessions: changes a session that meets a condition",
    plant: conditionsBy(({ expiredAt, ...condition }) =>
      expiredAt === undefined ? condition : { ...condition, expiredAt: expiredAt - 1 },
    ),
  },
  {
    fault: "a change with a condition does nothing",
    case: "sessions: changes a session that meets a condition",
    plant: sessionsWith(({ update }) => ({
      update: (key, change, condition) =>
        update(key, Object.keys(condition ?? {}).length > 1 ? {} : change, condition),
    })),
  },
  ...["subjectId", "sessionId", "expires", "renewed", "expiredAt"].map((name) => ({
    fault: `a condition's \`${name}\` is ignored`,
    case: "sessions: changes nothing if a session doesn't meet a condition",
    plant: conditionsBy(without(name)),
  })),
  {
    fault: "trailing spaces in the subject of a condition are ignored",
    case: "sessions: changes nothing if a session doesn't meet a condition",
    plant: conditionsBy(({ subjectId, ...condition }) =>
      subjectId === undefined ? condition : { ...condition, subjectId: subjectId.trimEnd() },
    ),
  },
  {
    fault: "a change is applied before its condition is checked",
    case: "sessions: changes nothing if a session doesn't meet a condition",
    plant: sessionsWith(({ update }) => ({
      update: (key, change, condition) => update(key, change) && update(key, {}, condition),
    })),
  },
  {
    fault: "a removal ignores its condition",
    case: "sessions: removes a session only if it meets a condition",
    plant: sessionsWith(({ remove }) => ({ remove: (keys) => remove(keys) })),
  },
  {
    fault: "a removal checks only one member of its condition",
    case: "sessions: removes a session only if it meets a condition",
    plant: sessionsWith(({ remove }) => ({
      remove: (keys, condition = {}) =>
        remove(keys, Object.fromEntries(Object.entries(condition).slice(0, 1))),
    })),
  },
  {
    fault: "null in a condition counts as no condition",
    case: "sessions: matches a null expiry in a condition with sessions that never expire",
    plant: conditionsBy(({ expires, ...condition }) =>
      expires == null ? condition : { ...condition, expires },
    ),
  },
  {
    fault: "a session that never expires matches every `expires` of a condition",
    case: "sessions: matches a null expiry in a condition with sessions that never expire",
    plant: rewriting([
      "(expires === undefined || session.expires === (expires ?? undefined))",
      "(expires === undefined || session.expires === undefined || session.expires === expires)",
    ]),
  },
  {
    fault: "a condition is checked against the session as it was created",
    case: "sessions: checks a condition against the row as it was changed last",
    plant: sessionsWith(({ create, update, remove }) => {
      const first = new Map();
      const isMet = (key, condition) =>
        Object.entries(condition).every(([name, value]) =>
          name === "expiredAt"
            ? first.get(key)?.expires <= value
            : (first.get(key)?.[name] ?? null) === value,
        );
      return {
        create: (session) => {
          create(session);
          first.set(session.key, structuredClone(session));
        },
        update: (key, change, condition = {}) => isMet(key, condition) && update(key, change),
        remove: (keys, condition = {}) => remove(keys.filter((key) => isMet(key, condition))),
      };
    }),
  },
  {
    fault: "a removal ignores its condition after the first hundred sessions",
    case: "sessions: removes only those of many sessions that meet a condition",
    plant: sessionsWith(({ remove }) => ({
      remove: (keys, condition) => [
        ...remove(keys.slice(0, 100), condition),
        ...remove(keys.slice(100)),
      ],
    })),
  },
  {
    fault: "a condition is checked before the change, not with it",
    case: "sessions: applies only one of many concurrent changes that rely on the same value",
    plant: sessionsWith(({ update }) => ({
      update: async (key, change, condition) => {
        if (!update(key, {}, condition)) return false;
        await elsewhere();
        return update(key, change);
      },
    })),
  },
  {
    fault: "a condition is checked before the removal, not with it",
    case: "sessions: either renews a session or removes it as expired, if both run at once",
    plant: sessionsWith(({ update, remove }) => ({
      remove: async (keys, condition) => {
        const meeting = keys.filter((key) => update(key, {}, condition));
        await elsewhere();
        return remove(meeting);
      },
    })),
  },
];

const ROWS = [
  {
    fault: "a removed session is returned as it was created",
    case: "sessions: returns a removed session as it was at that moment",
    plant: sessionsWith(({ create, remove }) => {
      const first = new Map();
      return {
        create: (session) => {
          create(session);
          first.set(session.key, structuredClone(session));
        },
        remove: (keys) => remove(keys).map(({ key }) => first.get(key)),
      };
    }),
  },
  {
    fault: "a removed session is returned without its clients",
    case: "sessions: returns a removed session as it was at that moment",
    plant: sessionsWith(({ remove }) => ({
      remove: (keys, condition) => remove(keys, condition).map((row) => ({ ...row, clients: [] })),
    })),
  },
  {
    fault: "a removal returns the sessions as it read them before removing them",
    case: "sessions: returns a client that is added during a removal, if it was added",
    plant: sessionsWith(({ get, remove }) => ({
      remove: async (keys) => {
        const read = new Map(keys.map((key) => [key, get(key)]));
        await elsewhere();
        return remove(keys).map(({ key }) => read.get(key));
      },
    })),
  },
  {
    fault: "the row ids depend on the order",
    case: "sessions: gives each row one id, the same in every order, and never to another row",
    plant: sessionsWith(({ list }) => ({
      list: (request) => {
        const page = list(request);
        return { ...page, ids: page.positions };
      },
    })),
  },
  {
    fault: "a page from the end has its row ids in reverse",
    case: "sessions: gives each row one id, the same in every order, and never to another row",
    plant: sessionsWith(({ list }) => ({
      list: (request) => {
        const page = list(request);
        return request.fromEnd ? { ...page, ids: [...page.ids].reverse() } : page;
      },
    })),
  },
  {
    fault: "the id of the last row is reused after its removal",
    case: "sessions: gives each row one id, the same in every order, and never to another row",
    plant: rewriting(["++lastId", "Math.max(0, ...rows.map(({ id }) => id)) + 1"]),
  },
  {
    fault: "the key is the row id",
    case: "sessions: returns positions that are short and don't reveal the key",
    plant: sessionsWith(({ list }) => ({
      list: (request) => {
        const page = list(request);
        return { ...page, ids: page.sessions.map(({ key }) => key) };
      },
    })),
  },
];

const PICKS = [
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

const BY_SESSION =
  "atomic: notifies a client by session, with its own session id or that of the session";
const BY_SUBJECT = "atomic: notifies a client by subject once for each subject and issuer";
const LAST_ROW = "atomic: uses the last ended session of the client in an id by subject";
const WAYS = "atomic: records a notification for each way of a client, and none without ways";
const OTHERS = "atomic: notifies unlisted clients only if `others` is set";
const RETURNED = "atomic: returns as many of the recorded notifications as requested";
const RECORDED_ALREADY = "atomic: keeps a recorded notification unchanged, and doesn't count it";

/** The end of a notification's id. */
const ID_FROM = "by, id, clientId].join";

/** The same, with another value instead of the row id if a client is notified by subject. */
const idBySubject = (other) => `by, by === "subject" ? ${other} : id, clientId].join`;

/** Adds a function that finds the highest row id of a subject's or a client's sessions. */
const LATEST = [
  "  const noticesOf = ",
  `  const latest = (some, subjectId, clientId) => {
    const isMeant = ({ session }) =>
      session.subjectId === subjectId &&
      (!clientId || session.clients.some((client) => client.clientId === clientId));
    return Math.max(...some.filter(isMeant).map(({ id }) => id));
  };
  const noticesOf = `,
];

const NOTICES = [
  {
    fault: "a client's own session id is ignored",
    case: BY_SESSION,
    plant: rewriting(
      ["sessionId = session.sessionId }", "_, sessionId = session.sessionId }"],
      [
        'if (by === "session") entry.sessionId = sessionId;',
        'if (by === "session") entry.sessionId = session.sessionId;',
      ],
    ),
  },
  {
    fault: "a notification by session lacks the session id of its session",
    case: BY_SESSION,
    plant: rewriting(["sessionId = session.sessionId }", "sessionId }"]),
  },
  ...[
    [
      "logoutUri",
      "kind, clientId, logoutUri, subjectId, issuer }",
      "kind, clientId, subjectId, issuer }",
    ],
    [
      "subjectId",
      "kind, clientId, logoutUri, subjectId, issuer }",
      "kind, clientId, logoutUri, issuer }",
    ],
    [
      "issuer",
      "kind, clientId, logoutUri, subjectId, issuer }",
      "kind, clientId, logoutUri, subjectId }",
    ],
  ].map(([name, from, to]) => ({
    fault: `a step records notifications without \`${name}\``,
    case: BY_SESSION,
    plant: rewriting([from, to]),
  })),
  {
    fault: "a step always gives the same reason",
    case: BY_SESSION,
    plant: noticesBy((notify) => ({ ...notify, reason: "terminated" })),
  },
  {
    fault: "a step records a wrong time",
    case: BY_SESSION,
    plant: noticesBy((notify) => ({ ...notify, created: 1_000 })),
  },
  {
    fault: "a client is notified of sessions that remain",
    case: BY_SESSION,
    plant: rewriting(["noticesOf(ended, notify)", "noticesOf(rows, notify)"]),
  },
  {
    fault: "a client is notified by session instead of by subject",
    case: BY_SUBJECT,
    plant: noticesBy(({ clients, ...notify }) => ({
      ...notify,
      clients: clients.map((client) => ({ ...client, by: "session" })),
    })),
  },
  {
    fault: "a notification by subject names a session",
    case: BY_SUBJECT,
    plant: rewriting(['if (by === "session") entry.sessionId', "entry.sessionId"]),
  },
  {
    fault: "a client is notified by subject only once for all issuers",
    case: BY_SUBJECT,
    plant: rewriting(["[id] : [subjectId, issuer]", "[id] : [subjectId]"]),
  },
  {
    fault: "a client is notified by subject only once for all subjects",
    case: BY_SUBJECT,
    plant: rewriting(["[id] : [subjectId, issuer]", "[id] : [issuer]"]),
  },
  {
    fault: "a notification by subject names the first session",
    case: LAST_ROW,
    plant: rewriting([
      'inOrder("oldest", {}).filter((row) => ended.includes(row))',
      'inOrder("newest", {}).filter((row) => ended.includes(row))',
    ]),
  },
  {
    fault: "a notification by subject names the last session, regardless of its clients",
    case: LAST_ROW,
    plant: rewriting([ID_FROM, idBySubject("latest(ended, subjectId)")], LATEST),
  },
  {
    fault: "a notification by subject names a session that remains",
    case: LAST_ROW,
    plant: rewriting([ID_FROM, idBySubject("latest(rows, subjectId, clientId)")], LATEST),
  },
  {
    fault: "a notification by subject names the last session in the order of the step",
    case: "atomic: uses the last created session in an id by subject, in every order of the step",
    plant: rewriting(['of inOrder("oldest", {}).filter((row) => ended.includes(row))', "of ended"]),
  },
  {
    fault: "a client is notified by subject only once in all steps",
    case: "atomic: notifies by subject once per step",
    plant: rewriting([ID_FROM, idBySubject("subjectId")]),
  },
  {
    fault: "the id of a notification contains the session id, not the row id",
    case: "atomic: notifies two subjects with the same session id, each of its own session",
    plant: rewriting([ID_FROM, "by, session.sessionId, clientId].join"]),
  },
  {
    fault: "a client is notified in only one way",
    case: WAYS,
    plant: noticesBy(({ clients, ...notify }) => ({
      ...notify,
      clients: clients.map(({ ways, ...client }) => ({ ...client, ways: ways.slice(0, 1) })),
    })),
  },
  {
    fault: "a client without ways is notified like unlisted clients",
    case: WAYS,
    plant: noticesBy(({ clients, ...notify }) => ({
      ...notify,
      clients: clients.filter(({ ways }) => ways.length > 0),
    })),
  },
  {
    fault: "the kind of a notification is lost when it is recorded",
    case: WAYS,
    plant: rewriting([
      "kind, clientId, logoutUri, subjectId, issuer }",
      "clientId, logoutUri, subjectId, issuer }",
    ]),
  },
  {
    fault: "security events have the ids of logout tokens",
    case: WAYS,
    plant: rewriting(['["event"]', "[]"]),
  },
  {
    fault: "listed clients that weren't participants of a session are notified",
    case: WAYS,
    plant: rewriting(["of session.clients) {", "of ended[0].session.clients.concat(clients)) {"]),
  },
  {
    fault: "unlisted clients are always notified",
    case: OTHERS,
    plant: noticesBy((notify) => ({ ...notify, others: true })),
  },
  {
    fault: "unlisted clients are never notified",
    case: OTHERS,
    plant: noticesBy((notify) => ({ ...notify, others: false })),
  },
  {
    fault: "unlisted clients get the address of a listed one",
    case: OTHERS,
    plant: rewriting([
      'others ? [{ kind: "logout" }] : []',
      'others ? [{ kind: "logout", logoutUri: clients[0]?.ways[0]?.logoutUri }] : []',
    ]),
  },
  {
    fault: "a step returns all notifications that it recorded",
    case: RETURNED,
    plant: noticesBy((notify) => ({ ...notify, returned: 1_000 })),
  },
  {
    fault: "a step returns none of the notifications that it recorded",
    case: RETURNED,
    plant: noticesBy((notify) => ({ ...notify, returned: 0 })),
  },
  {
    fault: "a step counts only the notifications that it returns",
    case: RETURNED,
    plant: resultsBy((result) => ({ ...result, recorded: result.notifications.length })),
  },
  {
    fault: "a step returns a notification several times",
    case: RETURNED,
    plant: resultsBy((result) => ({
      ...result,
      notifications: result.notifications.map(() => result.notifications[0]),
    })),
  },
  {
    fault: "a step ignores the earliest claim time of a notification",
    case: "atomic: records the earliest claim time of a notification",
    plant: noticesBy(without("notBefore")),
  },
  {
    fault: "client ids are escaped in the ids of notifications",
    case: "atomic: makes the ids of notifications from unchanged client ids",
    plant: rewriting([ID_FROM, "by, id, encodeURIComponent(clientId)].join"]),
  },
  {
    fault: "client ids are compared ignoring case",
    case: "atomic: makes the ids of notifications from unchanged client ids",
    plant: rewriting([
      "(client) => client.clientId === clientId) ?? unlisted",
      "(client) => client.clientId.toLowerCase() === clientId.toLowerCase()) ?? unlisted",
    ]),
  },
  {
    fault: "the ids of notifications contain the positions",
    case: "atomic: makes the ids of notifications from the row ids of every list",
    plant: rewriting(
      ["for (const { id, session } of inOrder", "for (const [{ session }, id] of inOrder"],
      [
        ".filter((row) => ended.includes(row))) {",
        '.filter((row) => ended.includes(row)).map((row) => [row, positionOf("oldest", row)])) {',
      ],
    ),
  },
  {
    fault: "a step counts notifications that already existed",
    case: RECORDED_ALREADY,
    plant: rewriting([
      RECORD,
      "const recorded = notify ? noticesOf(ended, notify) : [];\n        addAll(recorded);",
    ]),
  },
  {
    fault: "a step overwrites notifications that already existed",
    case: RECORDED_ALREADY,
    plant: rewriting([
      RECORD,
      `const ids = noticesOf(ended, notify).map(({ id }) => id);
        notifications = notifications.filter(({ entry }) => !ids.includes(entry.id));
        ${RECORD}`,
    ]),
  },
  {
    fault: "a step notifies clients without `notify`",
    case: "atomic: records nothing without sessions, and nothing without `notify`",
    plant: stepsBy((step) => ({
      notify: { clients: [], others: true, reason: "terminated", created: 0, returned: 9 },
      ...step,
    })),
  },
  {
    fault: "a step notifies only the clients that a session was created with",
    case: "atomic: notifies the clients that a session has when it ends",
    plant: rewriting(
      [
        "session: structuredClone(session) }]",
        "session: structuredClone(session), clients: structuredClone(session.clients) }]",
      ],
      [
        "for (const { id, session } of inOrder",
        "for (const { id, session, clients: first } of inOrder",
      ],
      ["of session.clients) {", "of first) {"],
    ),
  },
  {
    fault: "a step records at most a thousand notifications",
    case: "atomic: records thousands of notifications",
    plant: rewriting([
      "addAll(noticesOf(ended, notify))",
      "addAll(noticesOf(ended, notify).slice(0, 1_000))",
    ]),
  },
];

const OF_SESSIONS = "atomic: removes the grants of the sessions that it ends, by type and client";

const GRANTS = [
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

const ADMISSIONS = [
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

/** The sessions are picked, other calls run, and then the sessions end. */
const CHOOSING_FIRST = rewriting(ASYNC, [PICK, `${PICK} ${WAIT}`]);
/** The notifications are recorded, other calls run, and then the sessions end. */
const RECORDING_FIRST = rewriting(ASYNC, [RECORD, `${RECORD} ${WAIT}`]);

const RACES = [
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

/** The faults, each with the case that must find it. */
export const ENDING_FAULTS = [
  ...CONDITIONS,
  ...ROWS,
  ...PICKS,
  ...NOTICES,
  ...GRANTS,
  ...ADMISSIONS,
  ...RACES,
];
