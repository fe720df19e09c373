/**
 * Session keys in the core's form: 64 hexadecimal digits. The cases use short names for sessions,
 * but a store may rely on the form.
 *
 * @module
 */

import type { AtomicEnding, EndingPick, SessionStore, StoredSession } from "../types.js";

const DIGITS = 64;

/**
 * The name as hexadecimal digits, padded. A name that already has that form is returned unchanged,
 * even in upper case, which is another key.
 */
export function keyOf(name: string): string {
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
const withName = <Row extends { key: string }>(row: Row): Row => ({
  ...row,
  key: nameOf(row.key),
});

/** The store, with short names translated to keys. */
export function underKeys(sessions: SessionStore): SessionStore {
  const { count, forgetDevices, sharePartition } = sessions;
  return {
    create: (session) => sessions.create(withKey(session)),
    get: async (name) => {
      const session = await sessions.get(keyOf(name));
      return session && withName(session);
    },
    update: (name, { key, ...change }, condition) =>
      sessions.update(
        keyOf(name),
        { ...change, ...(key !== undefined && { key: keyOf(key) }) },
        condition,
      ),
    addClient: (name, client, now) => sessions.addClient(keyOf(name), client, now),
    list: async (request) => {
      const page = await sessions.list(request);
      return { ...page, sessions: page.sessions.map(withName) };
    },
    remove: async (names, condition) =>
      (await sessions.remove(names.map(keyOf), condition)).map(withName),
    ...(sharePartition !== undefined && {
      sharePartition: (name, other) => sharePartition.call(sessions, keyOf(name), keyOf(other)),
    }),
    ...(forgetDevices !== undefined && { forgetDevices: forgetDevices.bind(sessions) }),
    ...(count !== undefined && { count: (filter, upTo) => count.call(sessions, filter, upTo) }),
  };
}

/**
 * The same for the port that ends sessions as a set.
 *
 * @param covers the stores that it covers, as the cases see them
 */
export function atomicUnderKeys(
  atomic: AtomicEnding,
  covers: AtomicEnding["covers"] = atomic.covers,
): AtomicEnding {
  return {
    covers,
    clientsOf: (pick) => atomic.clientsOf(withKeys(pick)),
    endSessions: (step) => atomic.endSessions(withKeys(step)),
    admit: (session, ...limits) => atomic.admit(withKey(session), ...limits),
  };
}

function withKeys<Pick extends EndingPick>(pick: Pick): Pick {
  return pick.keys === undefined ? pick : { ...pick, keys: pick.keys.map(keyOf) };
}
