// @ts-check
/**
 * connect-pg-simple: the store of express-session on PostgreSQL.
 *
 * @module
 */

/** @import { SessionData } from "express-session" */
/** @import { Operations } from "./operations.mjs" */

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import connectPgSimple from "connect-pg-simple";
import session from "express-session";
import pg from "pg";
import { execute, fill } from "./fill.mjs";
import { expect, POOLING } from "./operations.mjs";
import { checkedSessions, LIFETIME, turns } from "./sessions.mjs";

const SCHEMA = new URL("table.sql", import.meta.resolve("connect-pg-simple"));
const INSERT_SESSIONS = `
  insert into session (sid, sess, expire)
  select sid, sess, expire
  from jsonb_to_recordset($1::text::jsonb) as session (sid text, sess json, expire timestamp)`;

/**
 * @param {string} url
 * @param {number} total
 */
export async function fillDatabase(url, total) {
  await execute(url, readFileSync(SCHEMA, "utf8"));
  await fill(url, total, [INSERT_SESSIONS], (stored) => ({
    // As long as the ones that express-session generates.
    sid: stored.key.slice(0, 32),
    sess: contentOf(stored),
    expire: new Date(stored.expires),
  }));
}

/**
 * @param {string} url
 * @param {number} total
 * @returns {Promise<Operations>}
 */
export async function start(url, total) {
  const pool = new pg.Pool({ connectionString: url, ...POOLING });
  const Store = connectPgSimple(session);
  const store = new Store({ pool, pruneSessionInterval: false });
  const set = promisify(store.set.bind(store));
  /** @type {(sid: string) => Promise<SessionData | null | undefined>} */
  const get = promisify(store.get.bind(store));
  const sids = await Promise.all(
    checkedSessions(total).map(async (checked) => {
      const sid = randomBytes(24).toString("base64url");
      await set(sid, contentOf({ ...checked, expires: Date.now() + LIFETIME }));
      return sid;
    }),
  );
  const nextSid = turns(sids);
  return {
    check: async () => {
      const found = await get(nextSid());
      expect(found?.cookie !== undefined, "no session");
    },
  };
}

/**
 * The content of a session in an application with a sign-in.
 *
 * @param {ReturnType<typeof checkedSessions>[number]} stored
 * @returns {SessionData}
 */
function contentOf({ subjectId, displayName, created, expires, ipAddress, userAgent }) {
  const content = {
    cookie: {
      originalMaxAge: LIFETIME,
      expires: new Date(expires),
      secure: true,
      httpOnly: true,
      path: "/",
    },
    passport: { user: subjectId },
    displayName,
    created,
    ipAddress,
    userAgent,
  };
  return content;
}
