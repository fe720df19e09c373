// Faults in conditions and row ids.
import { elsewhere, rewriting, sessionsWith } from "../planting.mjs";
import { without } from "./code.mjs";

/** Changes a condition on its way to the store. */
const conditionsBy = (change) =>
  sessionsWith(({ update, remove }) => ({
    update: (key, value, condition) => update(key, value, condition && change(condition)),
    remove: (keys, condition) => remove(keys, condition && change(condition)),
  }));

export const CONDITIONS = [
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

export const ROWS = [
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
