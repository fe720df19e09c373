// A copy of the database, such as a backup, signs no user in: it contains no cookie value.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { grant } from "./samples.mjs";
import { openEmpty } from "./support.mjs";

const KEYS = { current: "1", keys: { 1: new Uint8Array(32).fill(7) } };

const TABLES = [
  "rollcall_sessions",
  "rollcall_session_clients",
  "rollcall_grants",
  "rollcall_outbox",
  "rollcall_migrations",
];
/** Tables that only one dialect has. Each has a row after a session with clients has ended. */
const MORE_TABLES = { postgres: ["rollcall_ended_sessions"] };

/** Declares the test for an SQL engine. */
export function testCopy(engine) {
  test(`a copy of the database signs no user in, on ${engine.name}`, async (t) => {
    const { kysely, query } = await openEmpty(t, engine);
    await migrate(kysely, engine.options);
    await assertSignsNoUserIn(sqlStores(kysely, engine.options), async () => {
      const values = [];
      for (const table of [...TABLES, ...(MORE_TABLES[engine.options.dialect] ?? [])]) {
        const rows = await query(`select ${await columnsOf(query, engine, table)} from ${table}`);
        assert.ok(rows.length > 0, `${table} is empty`);
        values.push(...rows.flatMap((row) => Object.values(row)));
      }
      return values;
    });
  });
}

/**
 * All columns. On SQLite numbers are read as digits, because its drivers round or refuse those
 * above 2^53.
 */
async function columnsOf(query, { options }, table) {
  if (options.dialect !== "sqlite") return "*";
  const columns = await query(`select name from pragma_table_info('${table}')`);
  const asDigits = ({ name }) =>
    `case typeof(${name}) when 'integer' then cast(${name} as text) else ${name} end as ${name}`;
  return columns.map(asDigits).join(", ");
}

/**
 * Signs in and out, stores a grant, and then tries each stored value as a cookie.
 *
 * @param {object} stores
 * @param {() => Promise<unknown[]>} everything reads all values of the database
 */
export async function assertSignsNoUserIn(stores, everything) {
  const host = {
    ...stores,
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
    sendLogout: () => ({ delivered: false }),
  };
  const tickets = new TicketStore(host, { keys: KEYS });
  const signIn = (subjectId) =>
    tickets.store({
      subjectId,
      ticket: { claims: { name: subjectId } },
      attributes: { device: "phone" },
      clients: [{ clientId: "shop", sessionId: `${subjectId} at the shop` }, "forum"],
    });
  const cookies = [];
  for (const subjectId of ["alice", "bob", "carol"]) cookies.push(await signIn(subjectId));
  const removed = await signIn("dora");
  await stores.grants.store(grant("token", { subjectId: "alice" }));
  await new SessionManagement(host).removeSessions({ subjectId: "dora" });
  assert.equal(await tickets.retrieve(removed), undefined);

  const attempts = new Set((await everything()).flatMap(textsOf));
  assert.ok(attempts.has("alice") && attempts.size > 50, `only ${attempts.size} values were read`);
  for (const attempt of attempts) {
    // Don't use `assert.equal`: its message would contain the value.
    assert.ok(!cookies.includes(attempt), "a cookie value is stored");
    assert.equal(
      await tickets.retrieve(attempt),
      undefined,
      "a stored value is accepted as a cookie",
    );
  }
  for (const [n, subjectId] of ["alice", "bob", "carol"].entries()) {
    assert.equal((await tickets.retrieve(cookies[n]))?.subjectId, subjectId);
  }
}

/**
 * The strings to try for a value: a string as it is, bytes in every notation, and the parts of
 * both.
 */
function textsOf(value) {
  if (value === null || value === undefined) return [];
  if (value instanceof ArrayBuffer) return textsOf(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return ["hex", "base64", "base64url", "latin1", "utf8"].map((form) => bytes.toString(form));
  }
  if (Array.isArray(value)) {
    const isBytes = value.length > 0 && value.every((item) => Number.isInteger(item));
    return isBytes ? textsOf(Uint8Array.from(value)) : value.flatMap(textsOf);
  }
  if (typeof value === "object") return Object.entries(value).flat().flatMap(textsOf);
  const text = String(value);
  const parts = text.split(/[^A-Za-z0-9_-]+/).filter((part) => part !== text && part !== "");
  return [text, Buffer.from(text).toString("hex"), ...parts];
}
