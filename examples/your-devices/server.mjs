// @ts-check
/**
 * A site where users sign in with a password, see their sessions, and end them.
 *
 * @module
 */

/** @import { NextFunction, Request, Response } from "express" */

import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createClient } from "@libsql/client";
import express from "express";
import { Kysely } from "kysely";
import { SessionCoordination, SessionManagement, TicketStore } from "rollcall";
import { sessionCookie } from "rollcall/express";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";
import { contentSecurityPolicy, devicesPage, signInPage } from "./pages.mjs";

const { DATABASE = "sessions.db", PORT = "8080", ORIGIN, TICKET_KEY, TRUST_PROXY } = process.env;
if (TICKET_KEY === undefined) throw new Error("TICKET_KEY is not set: see README.md");

const DAY = 86_400_000;
/** How long a session lasts after the last renewal. */
const LIFETIME = 14 * DAY;
/** How often a session is renewed while its user visits the site. */
const RENEW_AFTER = DAY / 24;

/** Recorded in events. */
const BY_USER = { reason: "ended by the user" };

/** Made up. In production store hashes of passwords, made by a function such as scrypt. */
const USERS = [
  { id: "1001", username: "alice", name: "Alice Liddell", password: "down the rabbit hole" },
  { id: "1002", username: "bob", name: "Bob <b>Builder</b>", password: "can we fix it" },
];

const client = createClient({ url: `file:${DATABASE}` });
const kysely = new Kysely({ dialect: libsqlDialect(client) });
await migrate(kysely, { dialect: "sqlite" });

// To notify clients when a session ends, an identity provider adds `clients` and `sendLogout` here,
// as `examples/node-delivery` does.
const host = sqlStores(kysely, { dialect: "sqlite" });
const tickets = new TicketStore(host, {
  keys: { current: "1", keys: { 1: TICKET_KEY } },
  maxSessionsPerSubject: { limit: 20, policy: "removeLeastRecent" },
});
const coordination = new SessionCoordination(host);
const management = new SessionManagement(host);

const app = express();
const server = createServer(app);
server.listen(Number(PORT), "127.0.0.1");
await once(server, "listening");
const address = server.address();
const port = address !== null && typeof address === "object" ? address.port : PORT;
/** The public origin of the site. */
const origin = ORIGIN ?? `http://localhost:${port}`;

// The proxies whose `X-Forwarded-For` is trusted. Without them `req.ip` is the address of the
// connection.
app.set("trust proxy", TRUST_PROXY ?? false);
app.disable("x-powered-by");

app.use((req, res, next) => {
  res.set({
    "Content-Security-Policy": contentSecurityPolicy,
    // Not `no-referrer`: with it a browser sends `Origin: null` with the site's own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    // Every page here depends on the session.
    "Cache-Control": "no-store",
  });
  // Each POST must come from a page of this origin. `SameSite=Lax` isn't enough: browsers send the
  // cookie with forms of sibling subdomains, and signing in needs no cookie.
  if (req.method !== "GET" && req.method !== "HEAD" && req.get("origin") !== origin) {
    res.status(403).type("text").send("this request was not made by a page of this site");
    return;
  }
  next();
});
app.use(
  sessionCookie({
    tickets,
    coordination,
    // `insecure` is for development only: see README.md.
    cookie: { persistent: true, insecure: origin.startsWith("http:") },
  }),
);
app.use(express.urlencoded({ extended: false, limit: "4kb" }));

app.get("/", async (req, res) => {
  let { session } = req.rollcall;
  if (session !== undefined && session.renewed < Date.now() - RENEW_AFTER) {
    session = await req.rollcall.renew({ ...deviceOf(req), expires: Date.now() + LIFETIME });
  }
  if (session === undefined) {
    res.send(await signInPage());
    return;
  }
  // The subject comes from the session, never from the request. The ticket store limits the active
  // sessions of a user, so one page has all of them.
  const { results } = await management.querySessions({
    subjectId: session.subjectId,
    state: "active",
  });
  res.send(await devicesPage(session, results));
});

app.post("/sign-in", async (req, res) => {
  const { username, password } = req.body ?? {};
  const user = authenticate(username, password);
  if (user === undefined) {
    res.status(401).send(await signInPage("That username and password don't match."));
    return;
  }
  await req.rollcall.signIn({
    subjectId: user.id,
    displayName: user.name,
    expires: Date.now() + LIFETIME,
    ...deviceOf(req),
  });
  res.redirect(303, "/");
});

app.post("/sign-out", async (req, res) => {
  await req.rollcall.signOut();
  res.redirect(303, "/");
});

app.post("/end", async (req, res) => {
  const { session } = req.rollcall;
  const { sessionId } = req.body ?? {};
  if (session !== undefined) {
    if (typeof sessionId !== "string" || sessionId.trim() === "") {
      res.status(400).type("text").send("which session?");
      return;
    }
    // Both ids are given, so the session id of another user ends no session.
    const { subjectId } = session;
    await management.removeSessions({ subjectId, sessionId, actor: subjectId, ...BY_USER });
  }
  res.redirect(303, "/");
});

app.post("/end-others", async (req, res) => {
  const { session } = req.rollcall;
  if (session !== undefined) {
    const { subjectId, sessionId } = session;
    const exceptSessionIds = [sessionId];
    await management.removeSessions({ subjectId, exceptSessionIds, actor: subjectId, ...BY_USER });
  }
  res.redirect(303, "/");
});

app.use(
  // Express recognizes an error handler by its four parameters.
  (
    /** @type {unknown} */ error,
    /** @type {Request} */ _req,
    /** @type {Response} */ res,
    /** @type {NextFunction} */ _next,
  ) => {
    const { status = 500 } = /** @type {{ status?: number }} */ (Object(error));
    if (status >= 500) console.error(error);
    res.status(status).type("text").send("that didn't work: try again");
  },
);

// Ends expired sessions every ten minutes.
const runner = coordination.start();
console.log(`listening at ${origin}, on port ${port}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    const closed = once(server, "close");
    server.close();
    await closed;
    await runner.stop();
    await kysely.destroy();
    client.close();
    console.log("stopped");
  });
}

/**
 * The device of a request, for the session. The user agent is cut, because it can have any length.
 *
 * @param {Request} req
 */
function deviceOf(req) {
  return { ipAddress: req.ip, userAgent: req.get("user-agent")?.slice(0, 500) };
}

/**
 * @param {unknown} username
 * @param {unknown} password
 */
function authenticate(username, password) {
  const user = USERS.find((known) => known.username === username);
  const right = digest(user?.password ?? "");
  return timingSafeEqual(digest(String(password)), right) ? user : undefined;
}

/** @param {string} text */
function digest(text) {
  return createHash("sha256").update(text).digest();
}
