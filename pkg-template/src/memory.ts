/**
 * The stores in memory, for tests, demos and the browser: `rollcall/memory`. Only programs that
 * import this entry point load its WebAssembly module.
 *
 * @module
 */

import { invalidArgument } from "./errors.js";
import { CoreMemory, CoreSearch } from "./memory_core.js";
import { nextTurn } from "./timer.js";
import type {
  AtomicEnding,
  GrantStore,
  Host,
  LogoutOutbox,
  MemoryContents,
  SessionStore,
} from "./types.js";

/** The stores that `memoryStores` returns. */
export type MemoryStores = Required<Pick<Host, "sessions" | "grants" | "outbox" | "atomic">>;

/** The core behind each result of `memoryStores`. */
const cores = new WeakMap<object, CoreMemory>();

/**
 * All stores of a host, indexed, in the memory of their module. They share one state, so `atomic`
 * is one step. Each call returns new stores.
 *
 * @param contents the result of `memoryContents`, to continue from a copy. It may have passed
 * through JSON, IndexedDB or `structuredClone`. Absent: the stores are empty
 * @throws {RollcallError} `invalid_argument` with the name of the member, if the contents are
 * damaged, of another program or of a later version
 * @example
 * const management = new SessionManagement(memoryStores());
 * const page = await management.querySessions();
 */
export function memoryStores(contents?: MemoryContents | null): MemoryStores {
  const core = new CoreMemory(contents);
  const sessions: SessionStore = {
    create: async (session) => core.createSession(session),
    get: async (key) => core.getSession(key),
    update: async (key, change, condition) => core.updateSession(key, change, condition),
    addClient: async (key, client, now) => core.addClient(key, client, now),
    list: async (request, options) => finished(core.listSessions(request), options?.signal),
    count: async (filter, upTo, options) =>
      finished(core.countSessions(filter, upTo), options?.signal),
    remove: async (keys, condition) => core.removeSessions(keys, condition),
    forgetDevices: async (createdBefore, limit) => core.forgetDevices(createdBefore, limit),
  };
  const grants: GrantStore = {
    store: async (grant) => core.storeGrant(grant),
    get: async (key) => core.getGrant(key),
    list: async (filter) => finished(core.listGrants(filter)),
    count: async (filter) => finished(core.countGrants(filter)),
    remove: async (filter) => finished(core.removeGrants(filter)),
    removeExpired: async (now, limit) => core.removeExpiredGrants(now, limit),
  };
  const outbox: LogoutOutbox = {
    add: async (entries) => core.addNotifications(entries),
    claim: async (request) => core.claimNotifications(request),
    settle: async (id, result, now) => core.settleNotification(id, result, now),
    list: async (filter, after, limit) => finished(core.listNotifications(filter, after, limit)),
    retry: async (id, now) => core.retryNotification(id, now),
    prune: async (settledBefore, limit) => core.pruneNotifications(settledBefore, limit),
  };
  const atomic: AtomicEnding = {
    covers: { sessions, grants, outbox },
    clientsOf: async (pick) => finished(core.clientsOf(pick)),
    endSessions: async (step) => finished(core.endSessions(step)),
    admit: async (session, limit, now, issuer) => core.admitSession(session, limit, now, issuer),
  };
  const stores = { sessions, grants, outbox, atomic };
  cores.set(stores, core);
  return stores;
}

/**
 * Everything that these stores hold at this moment, as plain data to keep elsewhere, such as in
 * IndexedDB. Stores that `memoryStores` makes from it behave exactly like the originals: results
 * tokens, notification ids, leases and attempts stay valid.
 *
 * It contains the keys of sessions and the sealed tickets: protect it like a database.
 *
 * @param stores the object that `memoryStores` returned, not a host that has its members
 * @throws {RollcallError} `invalid_argument` for any other object
 * @example
 * const stores = memoryStores(JSON.parse(localStorage.getItem("rollcall") ?? "null"));
 * localStorage.setItem("rollcall", JSON.stringify(memoryContents(stores)));
 */
export function memoryContents(stores: MemoryStores): MemoryContents {
  const core = cores.get(stores);
  if (core === undefined) {
    throw invalidArgument("the stores must be the object that `memoryStores` returned");
  }
  return core.contents();
}

/**
 * The result of the core. A search that hasn't ended continues in slices of 5,000 rows, and yields
 * to the event loop between two of them.
 */
function finished<Found>(found: Found | CoreSearch, signal?: AbortSignal): Found | Promise<Found> {
  return found instanceof CoreSearch ? finish(found, signal) : found;
}

async function finish<Found>(search: CoreSearch, signal: AbortSignal | undefined): Promise<Found> {
  try {
    for (;;) {
      await nextTurn();
      signal?.throwIfAborted();
      const found: Found | undefined = search.advance();
      if (found !== undefined) return found;
    }
  } finally {
    search.free();
  }
}
