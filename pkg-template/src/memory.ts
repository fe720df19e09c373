/**
 * The stores in memory, for tests, demos and the browser: `rollcall/memory`. Their WebAssembly
 * module is loaded only by programs that import this entry point.
 *
 * @module
 */

import { CoreMemory, CoreSearch } from "./memory_core.js";
import { nextTurn } from "./timer.js";
import type { AtomicEnding, GrantStore, Host, LogoutOutbox, SessionStore } from "./types.js";

/**
 * All stores of a host, indexed, in the memory of their module. They share one state, so `atomic`
 * is one step. Each call returns new, empty stores.
 */
export function memoryStores(): Required<Pick<Host, "sessions" | "grants" | "outbox" | "atomic">> {
  const core = new CoreMemory();
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
  return { sessions, grants, outbox, atomic };
}

/**
 * The result of the core. A search that hasn't ended goes on in slices of 5,000 rows, and
 * everything else in the process has its turn between two of them.
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
