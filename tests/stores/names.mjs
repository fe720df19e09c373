// Sessions by short names. A key has 64 hexadecimal digits. The tests write "a", as the cases of
// the conformance kit do, and the stores get a key that is derived from it.
import { sqlStores } from "../../pkg/sql.js";
import { underKeys } from "../../pkg/testing/keys.js";

/** The key that is derived from a name. A string in the form of a key is unchanged. */
export const keyOf = (name) =>
  /^[0-9a-f]{64}$/i.test(name) ? name : Buffer.from(name).toString("hex").padEnd(64, "0");

const nameOf = (key) => {
  const name = Buffer.from(key, "hex").toString().replace(/\0+$/, "");
  return keyOf(name) === key ? name : key;
};

/** The same stores, called with names. Keys in the right form are names too. */
export function byName(stores) {
  const { sessions: store, atomic } = stores;
  const { capabilities } = store;
  const sessions = {
    ...underKeys(store),
    update: (name, { key, ...change }, condition) =>
      store.update(
        keyOf(name),
        { ...change, ...(key !== undefined && { key: keyOf(key) }) },
        condition,
      ),
    remove: async (names, condition) =>
      (await store.remove(names.map(keyOf), condition)).map(({ key, ...session }) => ({
        key: nameOf(key),
        ...session,
      })),
    ...(capabilities !== undefined && { capabilities }),
  };
  return {
    ...stores,
    sessions,
    ...(atomic !== undefined && { atomic: endingByName(atomic, sessions) }),
  };
}

function endingByName(atomic, sessions) {
  const withKeys = ({ keys, ...pick }) => ({ ...pick, ...(keys && { keys: keys.map(keyOf) }) });
  return {
    covers: { ...atomic.covers, sessions },
    clientsOf: (pick) => atomic.clientsOf(withKeys(pick)),
    endSessions: (step) => atomic.endSessions(withKeys(step)),
    admit: (session, ...limits) => atomic.admit({ ...session, key: keyOf(session.key) }, ...limits),
  };
}

/** The SQL stores, called with names. */
export function namedStores(kysely, options) {
  return byName(sqlStores(kysely, options));
}

/**
 * The key that is derived from a name, in the SQL of each engine, for tables that a test fills
 * itself.
 */
export const KEY_OF_NAME = {
  sqlite: (name) => `unhex(substr(hex(${name}) || hex(zeroblob(32)), 1, 64))`,
  postgres: (name) => `decode(rpad(encode(convert_to(${name}, 'UTF8'), 'hex'), 64, '0'), 'hex')`,
  mariadb: (name) => `unhex(rpad(hex(${name}), 64, '0'))`,
};

/** The id of a row that was created at this time, in SQL: see `sql/row-id.ts`. */
export const rowIdAt = (created, number) => `(((${created}) << 20) | ((${number}) % 1048576))`;
