// Sessions by short names. A key has 64 hexadecimal digits; the tests say "a", as the cases of the
// conformance kit do, and the stores get a key that stands for it.
import { sqlStores } from "../../pkg/sql.js";
import { endingUnderKeys, keyOf, underKeys } from "../../pkg/testing/keys.js";

export { keyOf };

/** The same stores, to be called by names. Keys in the right form are names too. */
export function byName(stores) {
  const { sessions, atomic } = stores;
  const { capabilities } = sessions;
  const named = {
    ...stores,
    sessions: { ...underKeys(sessions), ...(capabilities !== undefined && { capabilities }) },
  };
  return atomic === undefined ? named : { ...named, atomic: endingUnderKeys(atomic, named) };
}

/** The SQL stores, to be called by names. */
export function namedStores(kysely, options) {
  return byName(sqlStores(kysely, options));
}

/**
 * The key that stands for a name, in the SQL of each engine, for tables that a test fills itself.
 */
export const KEY_OF_NAME = {
  sqlite: (name) => `unhex(substr(hex(${name}) || hex(zeroblob(32)), 1, 64))`,
  postgres: (name) => `decode(rpad(encode(convert_to(${name}, 'UTF8'), 'hex'), 64, '0'), 'hex')`,
  mariadb: (name) => `unhex(rpad(hex(${name}), 64, '0'))`,
};

/** The id of a row that was created then, in SQL: see `sql/row-id.ts`. */
export const rowIdAt = (created, number) => `(((${created}) << 20) | ((${number}) % 1048576))`;
