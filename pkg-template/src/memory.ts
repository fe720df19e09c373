/**
 * The stores in memory, for tests, demos and the browser: `rollcall/memory`. Their WebAssembly
 * module is loaded only by programs that import this entry point.
 *
 * @module
 */

import { CoreMemory } from "./memory_core.js";
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
    list: async (request) => core.listSessions(request),
    count: async (filter, upTo) => core.countSessions(filter, upTo),
    remove: async (keys, condition) => core.removeSessions(keys, condition),
    forgetDevices: async (createdBefore, limit) => core.forgetDevices(createdBefore, limit),
  };
  const grants: GrantStore = {
    store: async (grant) => core.storeGrant(grant),
    get: async (key) => core.getGrant(key),
    list: async (filter) => core.listGrants(filter),
    count: async (filter) => core.countGrants(filter),
    remove: async (filter) => core.removeGrants(filter),
    removeExpired: async (now, limit) => core.removeExpiredGrants(now, limit),
  };
  const outbox: LogoutOutbox = {
    add: async (entries) => core.addNotifications(entries),
    claim: async (request) => core.claimNotifications(request),
    settle: async (id, result, now) => core.settleNotification(id, result, now),
    list: async (filter, after, limit) => core.listNotifications(filter, after, limit),
    retry: async (id, now) => core.retryNotification(id, now),
    prune: async (settledBefore, limit) => core.pruneNotifications(settledBefore, limit),
  };
  const atomic: AtomicEnding = {
    covers: { sessions, grants, outbox },
    clientsOf: async (pick) => core.clientsOf(pick),
    endSessions: async (step) => core.endSessions(step),
    admit: async (session, limit, now, issuer) => core.admitSession(session, limit, now, issuer),
  };
  return { sessions, grants, outbox, atomic };
}
