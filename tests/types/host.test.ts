// A host with its own stores, as a user writes them. Only compiled, never run.

import {
  type AdminDeniedEvent,
  type AdminPermission,
  type AtomicEnding,
  type Client,
  type ClientSession,
  type GrantCounts,
  type GrantFilter,
  type GrantStore,
  type Host,
  type LogoutNotification,
  type LogoutOutbox,
  type OutboxResult,
  type PersistedGrant,
  type RemovedSession,
  type SessionCondition,
  type SessionEvent,
  type SessionEventType,
  SessionManagement,
  type SessionStore,
  type SettledBefore,
  type StoredSession,
  type StoredSessionChange,
  type StoreFilter,
  type StoreListRequest,
  type StorePage,
} from "rollcall";
import { memoryStores } from "rollcall/memory";

declare const rows: Map<string, StoredSession>;
declare const grants: Map<string, PersistedGrant>;
declare const registry: { find(clientId: string): Promise<Client | undefined> };

/** A store as a class. Its methods return promises or plain values. */
class MapStore implements SessionStore {
  readonly capabilities = {
    filters: ["subjectId", "sessionId", "displayName.contains", "state"],
  } as const;

  async create(session: StoredSession): Promise<void> {
    if (rows.has(session.key)) {
      throw new Error("a session has this key");
    }
    rows.set(session.key, session);
  }

  get(key: string): StoredSession | undefined {
    return rows.get(key);
  }

  async update(
    key: string,
    change: StoredSessionChange,
    condition: SessionCondition = {},
  ): Promise<boolean> {
    const row = rows.get(key);
    if (row === undefined || !meets(row, condition)) {
      return false;
    }
    const { displayName } = change;
    if (displayName === null) {
      delete row.displayName;
    } else if (displayName !== undefined) {
      row.displayName = displayName;
    }
    return true;
  }

  async addClient(
    key: string,
    { clientId, sessionId }: ClientSession,
    now: number,
  ): Promise<boolean> {
    const row = rows.get(key);
    if (row === undefined || (row.expires !== undefined && row.expires <= now)) {
      return false;
    }
    row.clients.push(sessionId === undefined ? { clientId } : { clientId, sessionId });
    return true;
  }

  async list({
    filter,
    after,
    before,
    order,
    limit,
    fromEnd,
  }: StoreListRequest): Promise<StorePage> {
    const ordered =
      order === "expiry"
        ? [...rows.values()].filter((row) => row.expires !== undefined)
        : [...rows.values()];
    const sessions = ordered
      .filter((row) => matches(row, filter))
      .slice(fromEnd === true ? -limit : 0, limit);
    const positions: string[] = sessions.map((row) => `${row.created}`);
    return {
      sessions,
      positions: positions.filter((position) => position !== after && position !== before),
    };
  }

  async remove(keys: string[], condition: SessionCondition = {}): Promise<RemovedSession[]> {
    return keys.flatMap((key) => {
      const session = rows.get(key);
      if (session === undefined || !meets(session, condition)) return [];
      rows.delete(key);
      return [session];
    });
  }
}

function meets(row: StoredSession, { subjectId, sessionId, expires }: SessionCondition): boolean {
  return (
    (subjectId === undefined || subjectId === row.subjectId) &&
    (sessionId === undefined || sessionId === row.sessionId) &&
    (expires === undefined || expires === (row.expires ?? null))
  );
}

/** A string is matched in one of three ways. */
function matches(
  row: StoredSession,
  { subjectId, search, activeAt, created }: StoreFilter,
): boolean {
  const bySubject =
    subjectId === undefined ||
    ("equals" in subjectId && row.subjectId === subjectId.equals) ||
    ("startsWith" in subjectId && row.subjectId.startsWith(subjectId.startsWith)) ||
    ("contains" in subjectId && row.subjectId.includes(subjectId.contains));
  const bySearch =
    search === undefined ||
    row.subjectId === search.id ||
    row.displayNameFolded?.includes(search.name) === true;
  const byTime = activeAt === undefined || row.expires === undefined || row.expires > activeAt;
  return bySubject && bySearch && byTime && row.created >= (created?.after ?? 0);
}

const grantStore: GrantStore = {
  store: (grant) => void grants.set(grant.key, grant),
  get: (key) => grants.get(key),
  list: (filter) => [...grants.values()].filter((grant) => fits(grant, filter)),
  remove: async (filter): Promise<GrantCounts> => {
    const gone = [...grants.values()].filter(
      (grant) => fits(grant, filter) && grants.delete(grant.key),
    );
    return { tokens: gone.length, consents: 0, other: 0 };
  },
};

function fits(
  { type, clientId, expires }: PersistedGrant,
  { types, clientIds }: GrantFilter,
): boolean {
  const expiry: Date | undefined = expires;
  return (
    expiry === undefined &&
    types?.includes(type) !== false &&
    clientIds?.includes(clientId) !== false
  );
}

const outbox: LogoutOutbox = {
  add: async (entries: LogoutNotification[]) =>
    console.log(entries.map(({ id, reason }) => `${id} ${reason}`)),
  claim: ({ now, limit, leaseFor }) => (now + leaseFor > limit ? [] : []),
  settle: (id, result: OutboxResult, now) =>
    console.log(
      id,
      new Date(now),
      result.state === "pending" ? new Date(result.nextAttempt) : result.state,
      result.status,
    ),
  list: ({ state, clientId }, after, limit) =>
    state === "failed" && clientId && after && limit ? [] : [],
  retry: async () => false,
  prune: ({ delivered, failed }: SettledBefore, limit) =>
    Math.min(limit, Math.max(delivered, failed)),
};

const mapStore = new MapStore();

const atomic: AtomicEnding = {
  covers: { sessions: mapStore, outbox },
  clientsOf: async ({ filter }) =>
    [...rows.values()].flatMap((row) =>
      matches(row, filter) ? row.clients.map(({ clientId }) => clientId) : [],
    ),
  endSessions: ({ filter, keys, limit, notify, details }) => {
    const ended = [...rows.values()]
      .filter((row) => matches(row, filter) && keys?.includes(row.key) !== false)
      .slice(0, limit);
    for (const { key } of ended) rows.delete(key);
    return {
      ended: ended.length,
      ...(details === true && { sessions: ended }),
      recorded: notify?.clients.flatMap(({ ways }) => ways).length ?? 0,
      notifications: [],
      more: ended.length === limit,
      tokens: 0,
      consents: 0,
      other: 0,
    };
  },
  admit: (session, limit) => rows.size < limit && rows.set(session.key, session).size > 0,
};

const fullest: Host = {
  sessions: mapStore,
  grants: grantStore,
  outbox,
  clients: (clientId) => registry.find(clientId),
  subjectFor: (subjectId, clientId) => `${clientId}:${subjectId}`,
  sendLogout: () => ({ delivered: true }),
  atomic,
  onEvent: ({ type, at, ...details }: SessionEvent) =>
    console.log(type, at.toISOString(), details.subjectId),
  delivery: { concurrency: 8, wait: 2_000 },
  now: () => Date.now(),
  callbackTimeout: 10_000,
  absoluteLifetime: 86_400_000,
  forgetDevicesAfter: 30 * 86_400_000,
};

export const management = [
  new SessionManagement(fullest),
  new SessionManagement({ sessions: new MapStore() }),
  new SessionManagement(memoryStores()),
  new SessionManagement({
    ...memoryStores(),
    clients: () => ({ clientId: "shop", jwks: { keys: [{ kty: "RSA" }] } }),
  }),
];

const WHAT: Record<SessionEventType, string> = {
  session_created: "signed in",
  session_renewed: "was renewed",
  session_removed: "signed out",
  session_expired: "expired",
  session_removal_failed: "could not be signed out",
  session_unreadable: "could not be read",
  client_unreadable: "could not be looked up",
  pruning_failed: "could not be cleaned up",
  session_denied: "was denied",
  admin_denied: "may not do that",
  ticket_unreadable: "has a ticket that does not open",
  notification_delivered: "told",
  notification_failed: "not notified yet",
  notification_given_up: "not notified",
};

/** An audit log. The type of an event determines its members. */
export const audit: NonNullable<Host["onEvent"]> = (event) => {
  const what: string = WHAT[event.type];
  // @ts-expect-error: the subject of a notification may be absent
  event.subjectId.length;
  // @ts-expect-error: only an attempt has a duration
  event.duration;
  if (event.type === "session_removed") {
    const actor: string | undefined = event.actor;
    console.log(event.at.getTime(), what, event.sessionId.length, event.logoutReason, actor);
  } else if (event.type === "notification_failed") {
    console.log(event.duration, event.error.length, event.nextAttempt.getTime());
  } else if (event.type === "admin_denied") {
    const denied: AdminDeniedEvent = event;
    const permission: AdminPermission | undefined = denied.permission;
    console.log(denied.route.length, permission, denied.actor);
  }
};

// @ts-expect-error: a host needs sessions
new SessionManagement({});
// @ts-expect-error: no such member
new SessionManagement({ ...memoryStores(), store: new MapStore() });
// @ts-expect-error: a store must have `list`
new SessionManagement({ sessions: { get: () => undefined } });
// @ts-expect-error: the clock returns milliseconds
new SessionManagement({ ...memoryStores(), now: () => new Date() });
// @ts-expect-error: no such event
export const unknownType: SessionEventType = "session_stolen";
// @ts-expect-error: no such option of delivery
new SessionManagement({ ...memoryStores(), delivery: { retries: 3 } });
// @ts-expect-error: milliseconds
new SessionManagement({ ...memoryStores(), callbackTimeout: "30s" });
// @ts-expect-error: it returns the number of removed grants
export const silentPruning: LogoutOutbox = { ...outbox, prune: () => undefined };
// @ts-expect-error: an outbox must have `claim`
export const halfAnOutbox: LogoutOutbox = {
  add: outbox.add,
  settle: outbox.settle,
  list: outbox.list,
  retry: outbox.retry,
};
// @ts-expect-error: a failed result needs an error
export const silentResult: OutboxResult = { state: "failed" };
export const datedResult: OutboxResult = {
  state: "pending",
  // @ts-expect-error: the time of the next attempt is a number
  nextAttempt: new Date(),
  error: "busy",
};
// @ts-expect-error: an absent member is omitted
new SessionManagement({ ...memoryStores(), outbox: undefined });
// @ts-expect-error: the row's times are numbers
export const withDate: StoredSessionChange = { renewed: new Date() };
export const withKey: StoredSessionChange = { key: "another" };
// @ts-expect-error: a row always has a key
export const withoutKey: StoredSessionChange = { key: null };
// @ts-expect-error: no such filter
export const capabilities: SessionStore["capabilities"] = { filters: ["userAgent"] };
// @ts-expect-error: a removal returns the removed keys
export const remove: SessionStore["remove"] = (keys) => keys.length;
