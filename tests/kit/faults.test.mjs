// Each store here has one planted fault, and the case of the kit that covers it must fail.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { storeCases } from "../../pkg/testing.js";
import { arrayStores } from "./array-stores.mjs";
import { ENDING_FAULTS } from "./ending-faults.mjs";
import {
  elsewhere,
  grantsWith,
  outboxWith,
  resultsBy,
  sessionsWith,
  stepsBy,
} from "./planting.mjs";
import { PRUNING_FAULTS } from "./pruning-faults.mjs";

/** Changes a filter on its way to the store. */
const filteringBy = (change) =>
  sessionsWith(({ list, count }) => ({
    list: (request) => list({ ...request, filter: change(request.filter) }),
    count: (filter) => count(change(filter)),
  }));

/** Cuts pages from the full list. `cut` gets the list and the request. */
const pagingBy = (cut) =>
  sessionsWith(({ list }) => ({
    list: ({ after, before, fromEnd, limit, ...request }) => {
      const { sessions, positions } = list({ ...request, limit: 100_000 });
      const page = cut({ sessions, positions, after, before, fromEnd, limit });
      return {
        sessions: page.map(([, session]) => session),
        positions: page.map(([position]) => position),
      };
    },
  }));

/** The longest pattern of some databases, in bytes. */
const LONGEST = 50;
const isTooLong = (text = "") => Buffer.byteLength(text) > LONGEST;
const cut = (text) =>
  Buffer.from(text)
    .subarray(0, LONGEST)
    .toString()
    .replace(/\ufffd+$/, "");
/** The first characters of a string. */
const charactersOf = (text, most) => text && Array.from(text).slice(0, most).join("");
const cutOff = (text) => text?.split("\0")[0];
/** A member that makes every filter find nothing. */
const NOTHING = { created: { before: 0 } };

/** Changes a grant filter on its way to the store. */
const grantsBy = (change) =>
  grantsWith(({ list, count, remove }) => ({
    list: (filter) => list(change(filter)),
    count: (filter) => count(change(filter)),
    remove: (filter) => remove(change(filter)),
  }));

/** Ignores the clients if a subject and a session are given. */
const withoutClients = ({ clientIds, ...filter }) =>
  filter.subjectId !== undefined && filter.sessionId !== undefined
    ? filter
    : { ...filter, clientIds };

const FAULTS = [
  {
    fault: "`%` and `_` are wildcards",
    case: "sessions: finds and counts by filter: sessionId",
    plant: sessionsWith(({ list, count }) => {
      const isLike = (text) =>
        new RegExp(`^.*${text.replaceAll("%", ".*").replaceAll("_", ".")}.*$`, "su");
      const ofPart = ({ sessionId, ...filter }) =>
        sessionId?.contains === undefined ? undefined : [filter, isLike(sessionId.contains)];
      return {
        list: ({ filter, limit, ...request }) => {
          const [others, pattern] = ofPart(filter) ?? [];
          if (pattern === undefined) return list({ filter, limit, ...request });
          const page = list({ ...request, filter: others, limit: 100_000 });
          const found = page.sessions
            .flatMap((session, n) => (pattern.test(session.sessionId) ? [n] : []))
            .slice(0, limit);
          return {
            sessions: found.map((n) => page.sessions[n]),
            positions: found.map((n) => page.positions[n]),
          };
        },
        count,
      };
    }),
  },
  {
    fault: "subjects are compared ignoring case",
    case: "sessions: finds and counts by filter: subjectId",
    plant: (stores) => {
      const fold = (text) => text?.toLowerCase();
      const { create } = stores.sessions;
      return filteringBy((filter) =>
        filter.subjectId === undefined
          ? filter
          : {
              ...filter,
              subjectId: Object.fromEntries(
                Object.entries(filter.subjectId).map(([form, text]) => [form, fold(text)]),
              ),
            },
      )(
        sessionsWith(() => ({
          create: (session) => create({ ...session, subjectId: fold(session.subjectId) }),
        }))(stores),
      );
    },
  },
  {
    fault: "the subject of a condition is truncated at NUL",
    case: "sessions: never confuses a string with NUL or half a character with another one",
    plant: sessionsWith(({ remove }) => ({
      remove: (keys, condition) =>
        remove(keys, condition && { ...condition, subjectId: cutOff(condition.subjectId) }),
    })),
  },
  {
    fault: "the subject of a filter loses an unpaired surrogate",
    case: "sessions: never confuses a string with NUL or half a character with another one",
    plant: filteringBy((filter) =>
      filter.subjectId?.equals === undefined
        ? filter
        : {
            ...filter,
            subjectId: { equals: filter.subjectId.equals.replace(/\p{Surrogate}/u, "") },
          },
    ),
  },
  {
    fault: "the subject of a grant filter is truncated at NUL",
    case: "grants: never confuses a string with NUL or half a character with another one",
    plant: grantsBy(({ subjectId, ...filter }) => ({ ...filter, subjectId: cutOff(subjectId) })),
  },
  {
    fault: "an unpaired surrogate in the key of a grant becomes the replacement character",
    case: "grants: never confuses a string with NUL or half a character with another one",
    plant: grantsWith(({ store }) => ({
      store: (grant) => store({ ...grant, key: grant.key.toWellFormed() }),
    })),
  },
  {
    fault: "an issuer is truncated after 500 characters",
    case: "sessions: never confuses a string that is too long with another one",
    plant: sessionsWith(({ create }) => ({
      create: (session) => create({ ...session, issuer: charactersOf(session.issuer, 500) }),
    })),
  },
  {
    fault: "a client id is truncated after 255 characters",
    case: "sessions: never confuses a string that is too long with another one",
    plant: sessionsWith(({ addClient }) => ({
      addClient: (key, client, now) =>
        addClient(key, { ...client, clientId: charactersOf(client.clientId, 255) }, now),
    })),
  },
  {
    fault: "a condition is truncated after 255 characters",
    case: "sessions: never confuses a string that is too long with another one",
    plant: sessionsWith(({ remove }) => ({
      remove: (keys, condition) =>
        remove(
          keys,
          condition && { ...condition, subjectId: charactersOf(condition.subjectId, 255) },
        ),
    })),
  },
  {
    fault: "an address is truncated after 255 bytes",
    case: "sessions: stores the longest strings, and finds a session by them",
    plant: sessionsWith(({ create }) => ({
      create: ({ ipAddress, ...session }) => {
        const bytes = Buffer.from(ipAddress ?? "").subarray(0, 255);
        return create(ipAddress ? { ...session, ipAddress: bytes.toString() } : session);
      },
    })),
  },
  {
    fault: "the key of a grant is truncated after 255 characters",
    case: "grants: stores the longest strings, and never confuses longer ones",
    plant: grantsWith(({ get }) => ({ get: (key) => get(charactersOf(key, 255)) })),
  },
  {
    fault: "the id of a notification has at most 255 characters",
    case: "outbox: records, settles and lists notifications with the longest strings",
    plant: outboxWith(({ add }) => ({
      add: (entries) =>
        add(entries.map((entry) => ({ ...entry, id: charactersOf(entry.id, 255) }))),
    })),
  },
  {
    fault: "a step records session ids of at most 255 code units",
    case: "atomic: ends a session with the longest strings, and records its notifications",
    plant: resultsBy(({ notifications, ...result }) => ({
      ...result,
      notifications: notifications.map(({ sessionId, ...entry }) =>
        sessionId ? { ...entry, sessionId: sessionId.slice(0, 255) } : entry,
      ),
    })),
  },
  {
    fault: "an empty subject counts as no filter",
    case: "sessions: matches nothing with an empty subject id",
    plant: filteringBy(({ subjectId, ...filter }) =>
      subjectId === undefined || subjectId.equals === "" ? filter : { ...filter, subjectId },
    ),
  },
  {
    fault: "a key in a change is ignored",
    case: "sessions: gives a session another key, and finds it only by that key",
    plant: sessionsWith(({ update }) => ({
      update: (key, { key: _, ...change }) => update(key, change),
    })),
  },
  {
    fault: "a session can get the key of another one",
    case: "sessions: rejects the key of another session in a change, and changes nothing",
    plant: sessionsWith(({ update, remove }) => ({
      update: (key, change) => {
        if (change.key !== undefined && change.key !== key) remove([change.key]);
        return update(key, change);
      },
    })),
  },
  {
    fault: "a session is still found by its previous key",
    case: "sessions: accepts the previous key of a session again",
    plant: (stores) => {
      const former = new Map();
      const of = (key) => former.get(key) ?? key;
      return sessionsWith(({ get, update }) => ({
        get: (key) => get(of(key)),
        update: (key, change) => {
          if (change.key !== undefined) former.set(key, change.key);
          return update(key, change);
        },
      }))(stores);
    },
  },
  {
    fault: "spaces around a string are trimmed",
    case: "sessions: finds and counts by filter: clientId",
    plant: filteringBy((filter) =>
      filter.clientId === undefined ? filter : { ...filter, clientId: filter.clientId.trim() },
    ),
  },
  {
    fault: "a session without an issuer matches a list of issuers",
    case: "sessions: finds and counts by filter: issuers",
    plant: sessionsWith(({ create }) => ({
      create: (session) => create({ issuer: "alice", ...session }),
    })),
  },
  {
    fault: "only the first of several issuers is matched",
    case: "sessions: finds and counts by filter: issuers",
    plant: filteringBy(({ issuers, ...filter }) =>
      issuers === undefined ? filter : { ...filter, issuer: issuers[0] },
    ),
  },
  {
    fault: "a part of a name that is longer than 50 bytes isn't found",
    case: "sessions: finds and counts by filter: displayName",
    plant: filteringBy((filter) =>
      isTooLong(filter.displayName?.contains) ? { ...filter, ...NOTHING } : filter,
    ),
  },
  {
    fault: "a part of an id is truncated to 50 bytes",
    case: "sessions: finds and counts by filter: sessionId",
    plant: filteringBy((filter) =>
      isTooLong(filter.sessionId?.contains)
        ? { ...filter, sessionId: { contains: cut(filter.sessionId.contains) } }
        : filter,
    ),
  },
  {
    fault: "a search with a string longer than 50 bytes finds nothing",
    case: "sessions: finds and counts by filter: search",
    plant: filteringBy((filter) =>
      isTooLong(filter.search?.name) ? { ...filter, ...NOTHING } : filter,
    ),
  },
  {
    fault: "a session without a name matches every part of a name",
    case: "sessions: finds and counts by filter: displayName",
    plant: sessionsWith(({ create }) => ({
      create: (session) => create({ displayNameFolded: "alice", ...session }),
    })),
  },
  {
    fault: "a session is still active at the instant of its expiry",
    case: "sessions: finds and counts by filter: state",
    plant: filteringBy(({ activeAt, ...filter }) =>
      activeAt === undefined ? filter : { ...filter, activeAt: activeAt - 1 },
    ),
  },
  {
    fault: "a session that never expires matches a range of expiry",
    case: "sessions: finds and counts by filter: ranges of time",
    plant: filteringBy(({ expires, ...filter }) =>
      expires?.after === undefined ? filter : { ...filter, activeAt: expires.after - 1 },
    ),
  },
  {
    fault: "a count ignores the filter",
    case: "sessions: counts up to a limit",
    plant: sessionsWith(({ count }) => ({ count: () => count({}) })),
  },
  {
    fault: "a late change creates the session again",
    case: "sessions: never creates a session for a late change or a late client",
    plant: sessionsWith(({ create, update, remove, get }) => {
      const removed = new Map();
      return {
        remove: (keys) => {
          for (const key of keys) removed.set(key, get(key));
          return remove(keys);
        },
        update: (key, change) => {
          if (!update(key, change) && removed.get(key)) create(removed.get(key));
          return update(key, change);
        },
      };
    }),
  },
  {
    fault: "a change replaces the whole session",
    case: "sessions: changes only the members that a change names",
    plant: sessionsWith(({ update }) => ({
      update: (key, change) => update(key, { ticket: null, issuer: null, ...change }),
    })),
  },
  {
    fault: "a client is added by reading, changing and writing the session",
    case: "sessions: loses none of 50 clients that are added at once",
    plant: sessionsWith(({ get, create, remove, addClient }) => ({
      addClient: async (key, client, now) => {
        const session = get(key);
        await elsewhere();
        if (session === undefined) return addClient(key, client, now);
        remove([key]);
        create({
          ...session,
          clients: [
            ...session.clients.filter(({ clientId }) => clientId !== client.clientId),
            client,
          ],
        });
        return true;
      },
    })),
  },
  {
    fault: "a client is added to a session that has expired",
    case: "sessions: adds no client to a session that has expired",
    plant: sessionsWith(({ addClient }) => ({
      addClient: (key, client) => addClient(key, client, 0),
    })),
  },
  {
    fault: "a client is added at the instant of the expiry",
    case: "sessions: adds no client to a session that has expired",
    plant: sessionsWith(({ addClient }) => ({
      addClient: (key, client, now) => addClient(key, client, now - 1),
    })),
  },
  {
    fault: "an expired session rejects a client but stores it",
    case: "sessions: adds no client to a session that has expired",
    plant: sessionsWith(({ addClient, get }) => ({
      addClient: (key, client, now) => {
        const expires = get(key)?.expires;
        return addClient(key, client, 0) && !(expires <= now);
      },
    })),
  },
  {
    fault: "a session without an expiry accepts no client",
    case: "sessions: adds a client until the instant before the expiry, and always without one",
    plant: sessionsWith(({ addClient, get }) => ({
      addClient: (key, client, now) =>
        get(key)?.expires !== undefined && addClient(key, client, now),
    })),
  },
  {
    fault: "a session accepts clients until its original expiry",
    case: "sessions: uses the current expiry when a client is added",
    plant: sessionsWith(({ create, addClient }) => {
      const first = new Map();
      return {
        create: (session) => {
          create(session);
          first.set(session.key, session.expires);
        },
        addClient: (key, client, now) => !(first.get(key) <= now) && addClient(key, client, 0),
      };
    }),
  },
  {
    fault: "adding a client undoes a renewal",
    case: "sessions: keeps a change of the expiry at the same time as a new client",
    plant: sessionsWith(({ get, update, addClient }) => ({
      addClient: async (key, client, now) => {
        const session = get(key);
        await elsewhere();
        if (session) update(key, { expires: session.expires });
        return addClient(key, client, now);
      },
    })),
  },
  {
    fault: "a client that is added again moves to the end",
    case: "sessions: replaces a different session id of a client, and keeps the client's place",
    plant: sessionsWith(({ get, create, remove, addClient }) => ({
      addClient: (key, client, now) => {
        const session = get(key);
        if (session === undefined) return false;
        remove([key]);
        create({
          ...session,
          clients: session.clients.filter(({ clientId }) => clientId !== client.clientId),
        });
        return addClient(key, client, now);
      },
    })),
  },
  {
    fault: "a duplicate key overwrites the session",
    case: "sessions: rejects a duplicate key, and changes nothing",
    plant: sessionsWith(({ create, remove }) => ({
      create: (session) => {
        remove([session.key]);
        create(session);
      },
    })),
  },
  {
    fault: "a session is found by its key in uppercase",
    case: "sessions: finds nothing under a key in upper case, or rejects it",
    plant: sessionsWith(({ get }) => ({ get: (key) => get(key.toLowerCase()) })),
  },
  {
    fault: "two concurrent sign-ins with one key both succeed",
    case: "sessions: lets one of many concurrent creations of a key succeed",
    plant: sessionsWith(({ get, create }) => ({
      create: async (session) => {
        if (get(session.key)) throw new Error("the key exists already");
        await elsewhere();
        if (!get(session.key)) create(session);
      },
    })),
  },
  {
    fault: "a removal returns all keys of the request",
    case: "sessions: returns the sessions that a removal removed, and no others",
    plant: sessionsWith(({ remove }) => ({
      remove: (keys) => {
        const removed = remove(keys);
        return [...new Set(keys)].map((key) => removed.find((row) => row.key === key) ?? { key });
      },
    })),
  },
  {
    fault: "a session is returned by several concurrent removals",
    case: "sessions: returns each session to only one of many concurrent removals",
    plant: sessionsWith(({ get, remove }) => ({
      remove: async (keys) => {
        const found = [...new Set(keys)].flatMap((key) => get(key) ?? []);
        await elsewhere();
        remove(keys);
        return found;
      },
    })),
  },
  {
    fault: "pages are cut by offset",
    case: "sessions: lists each session once while others are added and removed",
    plant: pagingBy(({ sessions, after, before, fromEnd, limit }) => {
      const end = fromEnd ? sessions.length : before === undefined ? undefined : Number(before);
      const begin =
        end === undefined
          ? after === undefined
            ? 0
            : Number(after) + 1
          : Math.max(0, end - limit);
      return sessions
        .slice(begin, end ?? begin + limit)
        .map((session, n) => [`${begin + n}`, session]);
    }),
  },
  {
    fault: "a position is invalid once its row is removed",
    case: "sessions: keeps the meaning of a position when its session is removed",
    plant: pagingBy(({ sessions, positions, after, before, fromEnd, limit }) => {
      const begin = after === undefined ? 0 : positions.indexOf(after) + 1;
      const end = before === undefined ? sessions.length : positions.indexOf(before);
      const found = positions
        .map((position, n) => [position, sessions[n]])
        .slice(begin, Math.max(end, begin));
      return fromEnd || before !== undefined ? found.slice(-limit) : found.slice(0, limit);
    }),
  },
  {
    fault: "the previous page starts at the first row",
    case: "sessions: pages both ways with every size",
    plant: sessionsWith(({ list }) => ({
      list: (request) => {
        if (request.before === undefined) return list(request);
        const { sessions, positions } = list({ ...request, limit: 100_000 });
        return {
          sessions: sessions.slice(0, request.limit),
          positions: positions.slice(0, request.limit),
        };
      },
    })),
  },
  {
    fault: "sessions of the same instant are not reversed in the reverse order",
    case: "sessions: lists by creation, and in the order of expiry only sessions that expire",
    plant: sessionsWith(({ list }) => ({
      list: (request) => {
        if (request.order !== "newest") return list(request);
        const { sessions, positions } = list({ ...request, order: "oldest" });
        const places = sessions
          .map((_, n) => n)
          .sort((one, other) => sessions[other].created - sessions[one].created || one - other);
        return {
          sessions: places.map((n) => sessions[n]),
          positions: places.map((n) => positions[n]),
        };
      },
    })),
  },
  {
    fault: "a renewal moves the session",
    case: "sessions: doesn't move a renewed session",
    plant: sessionsWith(({ get, create, remove, update }) => ({
      update: (key, change) => {
        const session = get(key);
        if (session === undefined) return false;
        remove([key]);
        create(session);
        return update(key, change);
      },
    })),
  },
  {
    fault: "the key is the position",
    case: "sessions: returns positions that are short and don't reveal the key",
    plant: sessionsWith(({ list }) => ({
      list: (request) => {
        const page = list(request);
        return { ...page, positions: page.sessions.map(({ key }) => key) };
      },
    })),
  },
  {
    fault: "a grant without a time is stored",
    case: "grants: rejects a grant without a required member, and keeps the existing one",
    plant: grantsWith(({ store }) => ({
      store: (grant) => store({ created: new Date(), ...grant }),
    })),
  },
  {
    fault: "an empty grant filter matches everything",
    case: "grants: rejects a filter that matches every grant, and changes nothing",
    plant: grantsWith(({ remove }) => ({
      remove: (filter) =>
        Object.keys(filter).length === 0
          ? remove({ types: ["refresh_token", "user_consent", "device_code"] })
          : remove(filter),
    })),
  },
  {
    fault: "grants of a session and its subject are listed regardless of their clients",
    case: "grants: lists and counts by filter",
    plant: grantsBy(withoutClients),
  },
  {
    fault: "a removal of grants by subject and session removes those of all clients",
    case: "grants: removes by filter and returns the counts",
    plant: grantsWith(({ remove }) => ({ remove: (filter) => remove(withoutClients(filter)) })),
  },
  {
    fault: "trailing spaces in the subject of a grant are ignored",
    case: "grants: lists and counts by filter",
    plant: grantsBy((filter) => ({ ...filter, subjectId: filter.subjectId?.trimEnd() })),
  },
  {
    fault: "the clients of grants are compared ignoring case",
    case: "grants: removes by filter and returns the counts",
    plant: grantsBy((filter) => ({
      ...filter,
      clientIds: filter.clientIds?.map((clientId) => clientId.toLowerCase()),
    })),
  },
  {
    fault: "the types of grants are compared ignoring case",
    case: "grants: lists and counts by filter",
    plant: grantsBy((filter) => ({
      ...filter,
      types: filter.types?.map((type) => type.toLowerCase()),
    })),
  },
  {
    fault: "an empty list of clients matches no grant",
    case: "grants: removes by filter and returns the counts",
    plant: grantsWith(({ remove }) => ({
      remove: (filter) =>
        filter.clientIds?.length === 0 && filter.subjectId
          ? { tokens: 0, consents: 0, other: 0 }
          : remove(filter),
    })),
  },
  {
    fault: "a grant is counted by each of two concurrent removals",
    case: "grants: counts each grant for only one of many concurrent removals",
    plant: grantsWith(({ count, remove }) => ({
      remove: async (filter) => {
        const counts = count(filter);
        await elsewhere();
        remove(filter);
        return counts;
      },
    })),
  },
  {
    fault: "a grant is merged with the existing one with the same key",
    case: "grants: replaces the grant with the same key, whole",
    plant: grantsWith(({ get, store }) => ({
      store: (grant) => store({ ...get(grant.key), ...grant }),
    })),
  },
  {
    fault: "a claim leases nothing",
    case: "outbox: leases claimed entries until the lease ends",
    plant: outboxWith(({ claim }) => ({ claim: (request) => claim({ ...request, leaseFor: 0 }) })),
  },
  {
    fault: "claimed entries are returned in no order",
    case: "outbox: claims due entries, the longest due first",
    plant: outboxWith(({ claim }) => ({ claim: (request) => claim(request).reverse() })),
  },
  {
    fault: "an existing entry is overwritten",
    case: "outbox: keeps an existing entry with the same id, settled or not",
    plant: outboxWith(({ add, settle, retry }) => ({
      add: (entries) => {
        add(entries);
        for (const { id } of entries) {
          settle(id, { state: "failed", error: "" }, 1_000);
          retry(id, 1_000);
        }
      },
    })),
  },
  {
    fault: "a late result makes a delivered entry pending again",
    case: "outbox: keeps a delivered entry delivered after a late result",
    plant: outboxWith(({ list, settle }) => {
      const late = new Map();
      return {
        settle: (id, result, now) => {
          if (list({}).some((delivery) => delivery.id === id && delivery.state === "delivered"))
            late.set(id, result);
          else settle(id, result, now);
        },
        list: (...args) =>
          list(...args).map((delivery) => ({ ...delivery, ...late.get(delivery.id) })),
      };
    }),
  },
  {
    fault: "the kind of a notification is lost when it is recorded",
    case: "outbox: keeps the kind of a notification",
    plant: outboxWith(({ add }) => ({
      add: (entries) => add(entries.map(({ kind: _, ...entry }) => entry)),
    })),
  },
  {
    fault: "the list omits the kinds",
    case: "outbox: keeps the kind of a notification",
    plant: outboxWith(({ list }) => ({
      list: (...args) => list(...args).map(({ kind: _, ...delivery }) => delivery),
    })),
  },
  {
    fault: "trailing spaces in the subject of a notification are ignored",
    case: "outbox: lists by filter, in the order of the ids, page by page",
    plant: outboxWith(({ list }) => ({
      list: (filter, ...page) =>
        list({ ...filter, subjectId: filter.subjectId?.trimEnd() }, ...page),
    })),
  },
  {
    fault: "the clients of notifications are compared ignoring case",
    case: "outbox: lists by filter, in the order of the ids, page by page",
    plant: outboxWith(({ list }) => ({
      list: (filter, ...page) =>
        list({ ...filter, clientId: filter.clientId?.toLowerCase() }, ...page),
    })),
  },
  {
    fault: "a delivery has no issuer",
    case: "outbox: lists what it was given",
    plant: outboxWith(({ list }) => ({
      list: (...args) => list(...args).map(({ issuer: _, ...delivery }) => delivery),
    })),
  },
  {
    fault: "a list of issuers is ignored",
    case: "outbox: lists by filter, in the order of the ids, page by page",
    plant: outboxWith(({ list }) => ({
      list: ({ issuers: _, ...filter }, ...args) => list(filter, ...args),
    })),
  },
  {
    fault: "an attempt is not counted",
    case: "outbox: records the result of an attempt and counts it",
    plant: outboxWith(({ list }) => ({
      list: (...args) => list(...args).map((delivery) => ({ ...delivery, attempts: 0 })),
    })),
  },
];

const failing = async (open) => {
  const failed = [];
  for (const { name, run } of await storeCases(open)) {
    await run().catch(() => failed.push(name));
  }
  return failed;
};

describe("the conformance kit", () => {
  test("finds nothing in a store without a fault", async () => {
    assert.deepEqual(await failing(arrayStores), []);
  });

  for (const { fault, case: meant, plant } of [...FAULTS, ...ENDING_FAULTS, ...PRUNING_FAULTS]) {
    test(`finds that ${fault}`, async () => {
      const portCase = (await storeCases(() => plant(arrayStores()))).find(
        ({ name }) => name === meant,
      );
      assert.ok(portCase, `there is no case \`${meant}\``);
      await assert.rejects(portCase.run(), { name: "AssertionError" });
    });
  }

  test("skips cases of missing functions and unsupported filters", async () => {
    const asked = new Set();
    const few = ["subjectId", "created"];
    const open = () => {
      const { sessions } = arrayStores();
      const { count: _, list, ...others } = sessions;
      const spy = (request) => {
        for (const name of Object.keys(request.filter)) asked.add(name);
        return list(request);
      };
      return { sessions: { ...others, list: spy, capabilities: { filters: few } } };
    };
    const names = (await storeCases(open)).map(({ name }) => name);
    assert.ok(names.every((name) => name.startsWith("sessions: ")));
    assert.ok(!names.includes("sessions: counts up to a limit"));
    assert.ok(!names.includes("sessions: finds and counts by filter: search"));
    assert.deepEqual(await failing(open), []);
    assert.deepEqual([...asked].sort(), [...few].sort());
  });

  test("rejects a declaration of an unknown filter", async () => {
    const { sessions } = arrayStores();
    const open = () => ({
      sessions: { ...sessions, capabilities: { filters: ["subjectId", "subjectID"] } },
    });
    await assert.rejects(storeCases(open), { code: "invalid_argument", message: /`subjectID`/ });
  });

  test("finds with random steps a fault that no other case covers", async () => {
    const plant = stepsBy(({ revoke, ...step }) => (step.details ? { ...step, revoke } : step));
    const cases = await storeCases(() => plant(arrayStores()));
    const random = cases.find(
      ({ name }) => name === "atomic: behaves like arrays, for random steps",
    );
    await assert.rejects(random.run(), /Counterexample/);
  });

  test("finds with random calls a fault that no other case covers", async () => {
    const plant = filteringBy(({ clientId, state, ...filter }) => filter);
    const cases = await storeCases(() => plant(arrayStores()));
    const random = cases.find(
      ({ name }) => name === "sessions: behaves like an array, for random calls",
    );
    await assert.rejects(random.run(), /Counterexample/);
  });

  test("closes every store that it opens, even if a case fails", async () => {
    let open = 0;
    const opened = () => {
      open += 1;
      const stores = arrayStores();
      const close = async () => {
        open -= 1;
      };
      return { ...stores, sessions: { ...stores.sessions, get: () => undefined }, close };
    };
    assert.ok((await failing(opened)).length > 0);
    assert.equal(open, 0);
  });
});
