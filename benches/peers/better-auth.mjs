// @ts-check
/**
 * better-auth on `pg`, with its admin plugin.
 *
 * @module
 */

/** @import { Operations } from "./operations.mjs" */

import { randomBytes } from "node:crypto";
import { betterAuth } from "better-auth";
import { makeSignature } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";
import { admin } from "better-auth/plugins";
import pg from "pg";
import { fill } from "./fill.mjs";
import { ENDED, ending, expect, POOLING } from "./operations.mjs";
import {
  checkedSessions,
  LIFETIME,
  PAGE_SUBJECT_SIZE,
  pageSubjects,
  turns,
  USER_AGENT,
} from "./sessions.mjs";

const SECRET = randomBytes(32).toString("hex");

const INSERT_USERS = `
  insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt", role)
  select "userId", name, "userId" || '@example.com', true, "createdAt", "createdAt", 'user'
  from jsonb_to_recordset($1::text::jsonb) as session ("userId" text, name text, "createdAt" timestamptz)
  on conflict do nothing`;
const INSERT_SESSIONS = `
  insert into session (id, token, "userId", "createdAt", "updatedAt", "expiresAt", "ipAddress", "userAgent")
  select id, token, "userId", "createdAt", "updatedAt", "expiresAt", "ipAddress", "userAgent"
  from jsonb_to_recordset($1::text::jsonb) as session (id text, token text, "userId" text, "createdAt" timestamptz,
    "updatedAt" timestamptz, "expiresAt" timestamptz, "ipAddress" text, "userAgent" text)`;
const DELETE_SESSIONS = `delete from session where "userId" = $1`;

/**
 * @param {string} url
 * @param {number} total
 */
export async function fillDatabase(url, total) {
  const { auth, pool } = open(url);
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  await pool.end();
  await fill(url, total, [INSERT_USERS, INSERT_SESSIONS], toRow);
}

/**
 * @param {string} url
 * @param {number} total
 * @returns {Promise<Operations>}
 */
export async function start(url, total) {
  const { auth, pool } = open(url);
  const { internalAdapter, authCookies } = await auth.$context;
  const signIn = async (/** @type {string} */ userId, ipAddress = "10.1.2.3") => {
    const session = { ipAddress, userAgent: USER_AGENT };
    const { token } = await internalAdapter.createSession(userId, false, session);
    const signed = encodeURIComponent(`${token}.${await makeSignature(token, SECRET)}`);
    return new Headers({ cookie: `${authCookies.sessionToken.name}=${signed}` });
  };
  const newUser = async (/** @type {"admin" | "user"} */ role) => {
    const email = `${randomBytes(8).toString("hex")}@example.com`;
    const { user } = await auth.api.createUser({ body: { email, name: "Ann Onymous", role } });
    return user.id;
  };

  const headers = await signIn(await newUser("admin"));
  const nextHeaders = turns(
    await Promise.all(
      checkedSessions(total).map(({ subjectId, ipAddress }) => signIn(subjectId, ipAddress)),
    ),
  );
  const nextSubject = turns(pageSubjects(total));

  /** @type {Operations} */
  const operations = {
    check: async () => {
      const found = await auth.api.getSession({ headers: nextHeaders() });
      expect(found !== null, "no session");
    },
    "page of a subject": async () => {
      const body = { userId: nextSubject() };
      const { sessions } = await auth.api.listUserSessions({ body, headers });
      expect(sessions.length >= PAGE_SUBJECT_SIZE, `${sessions.length} sessions`);
    },
  };
  for (const [name, size] of ENDED) {
    const store = async () => {
      const userId = await newUser("user");
      const sessions = Array.from({ length: size }, () => newSession(userId));
      await pool.query(INSERT_SESSIONS, [JSON.stringify(sessions)]);
      return userId;
    };
    operations[`end ${name}`] = ending(store, async (userId) => {
      const { success } = await auth.api.revokeUserSessions({ body: { userId }, headers });
      expect(success, "no session was revoked");
    });
    operations[`delete ${name}`] = ending(store, async (userId) => {
      const { rowCount } = await pool.query(DELETE_SESSIONS, [userId]);
      expect(rowCount === size, `${rowCount} sessions deleted`);
    });
  }
  return operations;
}

/** @param {ReturnType<typeof checkedSessions>[number]} session */
function toRow(session) {
  return {
    id: session.sessionId,
    // As long as the ones that better-auth generates.
    token: session.key.slice(0, 32),
    userId: session.subjectId,
    name: session.displayName,
    createdAt: new Date(session.created),
    updatedAt: new Date(session.renewed),
    expiresAt: new Date(session.expires),
    ipAddress: session.ipAddress,
    userAgent: session.userAgent,
  };
}

/** @param {string} userId */
function newSession(userId) {
  const [id, token] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
  const now = new Date();
  const expiresAt = new Date(now.getTime() + LIFETIME);
  const origin = { ipAddress: "10.1.2.3", userAgent: USER_AGENT };
  return { id, token, userId, createdAt: now, updatedAt: now, expiresAt, ...origin };
}

/** @param {string} url */
function open(url) {
  const pool = new pg.Pool({ connectionString: url, ...POOLING });
  const auth = betterAuth({
    database: pool,
    secret: SECRET,
    baseURL: "https://login.example.com",
    plugins: [admin()],
    telemetry: { enabled: false },
  });
  return { auth, pool };
}
