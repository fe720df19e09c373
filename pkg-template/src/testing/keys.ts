/**
 * Session keys as the core makes them: 64 hexadecimal digits. The cases call sessions by short
 * names, and a store may count on the form.
 *
 * @module
 */

import type { AtomicRemoval, SessionStore, StoredSession } from "../types.js";

const DIGITS = 64;

/**
 * The name as hexadecimal digits, and filled up. What has that form already stays as it is, also in
 * upper case: that is another key.
 */
function keyOf(name: string): string {
  if (/^[0-9a-f]{64}$/i.test(name)) {
    return name;
  }
  const bytes = Array.from(new TextEncoder().encode(name), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return bytes.join("").padEnd(DIGITS, "0");
}

function nameOf(key: string): string {
  const bytes = (key.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
  const name = new TextDecoder().decode(Uint8Array.from(bytes)).replace(/\0+$/, "");
  return keyOf(name) === key ? name : key;
}

const withKey = (session: StoredSession): StoredSession => ({
  ...session,
  key: keyOf(session.key),
});
const withName = (session: StoredSession): StoredSession => ({
  ...session,
  key: nameOf(session.key),
});

/** The store under real keys. */
export function underKeys(sessions: SessionStore): SessionStore {
  const { count, sharePartition } = sessions;
  return {
    create: (session) => sessions.create(withKey(session)),
    get: async (name) => {
      const session = await sessions.get(keyOf(name));
      return session && withName(session);
    },
    update: (name, { key, ...change }) =>
      sessions.update(keyOf(name), { ...change, ...(key !== undefined && { key: keyOf(key) }) }),
    addClient: (name, client, now) => sessions.addClient(keyOf(name), client, now),
    list: async (request) => {
      const page = await sessions.list(request);
      return { ...page, sessions: page.sessions.map(withName) };
    },
    remove: async (names) => (await sessions.remove(names.map(keyOf))).map(nameOf),
    ...(sharePartition !== undefined && {
      sharePartition: (name, other) => sharePartition.call(sessions, keyOf(name), keyOf(other)),
    }),
    ...(count !== undefined && { count: (filter, upTo) => count.call(sessions, filter, upTo) }),
  };
}

/** The same for a removal in one transaction. */
export function atomicUnderKeys(atomic: AtomicRemoval): AtomicRemoval {
  return async (plan) => {
    const notifications = plan.notifications.map(({ sessionKeys, entry }) => ({
      sessionKeys: sessionKeys.map(keyOf),
      entry,
    }));
    const result = await atomic({
      ...plan,
      sessionKeys: plan.sessionKeys.map(keyOf),
      notifications,
    });
    return { ...result, removed: result.removed.map(nameOf) };
  };
}
