/**
 * The stores in memory: for tests, demos and the browser.
 *
 * @module
 */

import { CoreMemory, MemoryOperation as Operation } from "./core.js";
import type { AtomicRemoval, GrantStore, Host, LogoutOutbox, SessionStore } from "./types.js";

/**
 * All stores of a host, indexed, in the memory of the core. They share one state, so `atomic` is
 * one step.
 */
export function memoryStores(): Required<Pick<Host, "sessions" | "grants" | "outbox" | "atomic">> {
  const core = new CoreMemory();
  const sessions: SessionStore = {
    create: async (session) => core.call(Operation.SessionsCreate, session),
    get: async (key) => core.call(Operation.SessionsGet, key),
    update: async (key, change) => core.call(Operation.SessionsUpdate, key, change),
    addClient: async (key, client) => core.call(Operation.SessionsAddClient, key, client),
    list: async (request) => core.call(Operation.SessionsList, request),
    count: async (filter, upTo) => core.call(Operation.SessionsCount, filter, upTo),
    remove: async (keys) => core.call(Operation.SessionsRemove, keys),
  };
  const grants: GrantStore = {
    store: async (grant) => core.call(Operation.GrantsStore, grant),
    get: async (key) => core.call(Operation.GrantsGet, key),
    list: async (filter) => core.call(Operation.GrantsList, filter),
    count: async (filter) => core.call(Operation.GrantsCount, filter),
    remove: async (filter) => core.call(Operation.GrantsRemove, filter),
  };
  const outbox: LogoutOutbox = {
    add: async (entries) => core.call(Operation.OutboxAdd, entries),
    claim: async (request) => core.call(Operation.OutboxClaim, request),
    settle: async (id, result) => core.call(Operation.OutboxSettle, id, result),
    list: async (filter, after, limit) => core.call(Operation.OutboxList, filter, after, limit),
    retry: async (id, now) => core.call(Operation.OutboxRetry, id, now),
  };
  const atomic: AtomicRemoval = async (plan) => core.call(Operation.Atomic, plan);
  return { sessions, grants, outbox, atomic };
}
