// @ts-check
/**
 * The calls that an identity provider makes on every request and at every sign-in, over direct
 * calls of the same store: one at a time, and 64 at once.
 *
 * "Directly" means the minimum for the same work: the same calls of the store, and tickets sealed
 * and opened with `node:crypto`. SQLite shows the cost of the core next to a fast store. PostgreSQL
 * shows it next to a store in another process, so there wall time is measured instead of processor
 * time. A stub that answers at once shows the core alone.
 *
 * @module
 */

/** @import { Host, StoredSession } from "../../pkg/index.js" */
/** @import { Finding } from "../findings.mjs" */
/** @import { Manner } from "../paired.mjs" */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SessionCoordination, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { startPostgres } from "../../tests/servers/postgres.mjs";
import { fillPostgres, openPostgres } from "../engines/postgres.mjs";
import { fillSqlite, openSqlite } from "../engines/sqlite.mjs";
import { pairedRatio } from "../paired.mjs";
import { makeSession } from "../sessions.mjs";

/** The budgets for one call at a time on SQLite. */
const BUDGETS = new Map([
  ["retrieve", 1.6],
  ["addClient", 1.4],
]);
const SESSIONS = 2_000;
const AT_ONCE = 64;
/** There are many rows, so each takes only a part of the usual time. */
const EFFORT = 0.3;

const KEY = randomBytes(32);
const KEYS = { current: "bench", keys: { bench: new Uint8Array(KEY) } };
const TICKET = { claims: { role: "editor", amr: ["pwd", "otp"] }, login: 1_750_000_000 };
const CLIENT = { clientId: "client-of-the-bench" };

/**
 * @typedef {object} Measured
 * @property {string} name of the store
 * @property {Host["sessions"]} sessions
 * @property {NonNullable<Manner["clock"]>} clock
 * @property {string[]} [without] calls that aren't measured
 */

/** @returns {Promise<Finding[]>} */
export async function measure() {
  const session = (/** @type {number} */ number) => makeSession(number, SESSIONS);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const file = pathToFileURL(join(folder, "calls.db"));
  await fillSqlite(file, SESSIONS, session);
  const sqlite = openSqlite(file);
  const server = await startPostgres();
  await fillPostgres(server.url, SESSIONS, session);
  const postgres = openPostgres(server.url);

  const findings = [
    ...(await measureStore({
      name: "SQLite",
      sessions: sqlite.stores.sessions,
      clock: "processor",
    })),
    ...(await measureStore({
      name: "PostgreSQL",
      sessions: postgres.stores.sessions,
      clock: "wall",
      without: ["removeSessions"],
    })),
    ...(await measureStore({
      name: "a stub store",
      sessions: await stubOf(sqlite.stores.sessions),
      clock: "processor",
    })),
  ];

  await postgres.close();
  await server.stop();
  await sqlite.close();
  rmSync(folder, { recursive: true });
  return findings;
}

/**
 * @param {Measured} measured
 * @returns {Promise<Finding[]>}
 */
async function measureStore({ name: store, sessions, clock, without = [] }) {
  const findings = [];
  for (const [name, core, directly] of await callsOver(sessions)) {
    if (without.includes(name)) continue;
    for (const [manner, together] of /** @type {const} */ ([
      ["", alone],
      [`, ${AT_ONCE} at once`, atOnce],
    ])) {
      const budget = store === "SQLite" && manner === "" ? BUDGETS.get(name) : undefined;
      findings.push({
        what: `${name}${manner}, ${store}: the core, over the store directly`,
        ratio: await pairedRatio(together(core), together(directly), { clock, effort: EFFORT }),
        ...(budget !== undefined && { budget }),
      });
    }
  }
  return findings;
}

/** @param {() => Promise<unknown>} call */
function alone(call) {
  return call;
}

/** @param {() => Promise<unknown>} call */
function atOnce(call) {
  return () => Promise.all(Array.from({ length: AT_ONCE }, call));
}

/** @typedef {() => Promise<unknown>} Call */

/**
 * The calls by name, through the core and directly.
 *
 * @param {Host["sessions"]} sessions
 * @returns {Promise<[name: string, core: Call, directly: Call][]>}
 */
async function callsOver(sessions) {
  const host = { sessions };
  const tickets = new TicketStore(host, { keys: KEYS });
  const management = new SessionManagement(host);
  const coordination = new SessionCoordination(host, {
    coordinateClientLifetimesWithUserSession: true,
  });
  const subjectId = "subject-of-the-bench";
  const cookie = await tickets.store({ subjectId, ticket: TICKET });
  const key = keyOf(cookie);
  const now = Date.now();
  const row = await sessions.get(key);
  if (row === undefined) throw new Error("the session of the bench was not stored");
  const { sessionId, ticket = "" } = row;
  const [, , body = ""] = ticket.split(".");
  const bound = boundTo(key, subjectId, sessionId);
  if (JSON.stringify(unseal(body, bound)) !== JSON.stringify(TICKET)) {
    throw new Error("opening the ticket directly failed");
  }
  /** @param {Partial<StoredSession>} members */
  const newRow = (members) => {
    const cookie = randomBytes(32).toString("hex");
    return { ...row, key: keyOf(cookie), ...members };
  };
  const active = { subjectId: { equals: subjectId }, sessionId: { equals: sessionId } };
  const unknown = { subjectId: { equals: "unknown" } };
  return [
    [
      "store",
      () => tickets.store({ subjectId: "other", ticket: TICKET }),
      async () => {
        const sessionId = randomBytes(16).toString("hex");
        const fresh = newRow({ subjectId: "other", sessionId, created: now, renewed: now });
        fresh.ticket = `1.bench.${seal(boundTo(fresh.key, "other", sessionId))}`;
        await sessions.create(fresh);
      },
    ],
    [
      "retrieve",
      () => tickets.retrieve(cookie),
      async () => {
        const found = await sessions.get(keyOf(cookie));
        const [, , sealed = ""] = found?.ticket?.split(".") ?? [];
        return { ...found, ticket: unseal(sealed, bound) };
      },
    ],
    [
      "renew",
      () => tickets.renew(cookie, { ticket: TICKET }),
      async () => {
        const key = keyOf(cookie);
        await sessions.get(key);
        return await sessions.update(key, { renewed: now, ticket: `1.bench.${seal(bound)}` });
      },
    ],
    [
      "addClient",
      () => tickets.addClient(cookie, CLIENT),
      async () => await sessions.addClient(keyOf(cookie), CLIENT, now),
    ],
    [
      "validateSession",
      () => coordination.validateSession({ subjectId, sessionId, clientId: "client" }),
      async () => {
        const filter = { ...active, activeAt: now };
        const page = await sessions.list({ filter, order: "newest", limit: 200 });
        return page.sessions.length > 0;
      },
    ],
    [
      "removeSessions",
      () => management.removeSessions({ subjectId: "unknown" }),
      async () => await sessions.list({ filter: unknown, order: "oldest", limit: 200 }),
    ],
  ];
}

/**
 * A store that answers at once with the first session that it received.
 *
 * @param {Host["sessions"]} sessions
 * @returns {Promise<Host["sessions"]>}
 */
async function stubOf(sessions) {
  const { positions } = await sessions.list({ filter: {}, order: "newest", limit: 1 });
  /** @type {StoredSession | undefined} */
  let stored;
  return {
    create: async (session) => {
      stored ??= session;
    },
    get: async () => stored,
    update: async () => true,
    addClient: async () => true,
    list: async ({ filter }) =>
      "subjectId" in filter && stored !== undefined && filter.activeAt !== undefined
        ? { sessions: [stored], positions }
        : { sessions: [], positions: [] },
    remove: async () => (stored === undefined ? [] : [stored]),
  };
}

/**
 * The key of a row, as in `src/cookie_value.rs`.
 *
 * @param {string} cookie
 */
function keyOf(cookie) {
  return createHash("sha256").update(Buffer.from(cookie, "hex")).digest("hex");
}

/**
 * The associated data of a ticket, as in `src/ticket/sealing.rs`.
 *
 * @param {string[]} parts
 */
function boundTo(...parts) {
  return Buffer.concat(
    ["rollcall ticket", "1", ...parts].flatMap((part) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(Buffer.byteLength(part)));
      return [length, Buffer.from(part)];
    }),
  );
}

/** @param {Buffer} bound */
function seal(bound) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", KEY, nonce).setAAD(bound);
  const sealed = [cipher.update(JSON.stringify(TICKET)), cipher.final()];
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString("base64url");
}

/**
 * @param {string} body
 * @param {Buffer} bound
 */
function unseal(body, bound) {
  const bytes = Buffer.from(body, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", KEY, bytes.subarray(0, 12))
    .setAAD(bound)
    .setAuthTag(bytes.subarray(-16));
  const opened = [decipher.update(bytes.subarray(12, -16)), decipher.final()];
  return JSON.parse(Buffer.concat(opened).toString());
}
