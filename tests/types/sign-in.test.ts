// The session cookie in Express and Hono. Only compiled, never run.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
// Its types are in those of Koa.
import express from "express";
import { Hono } from "hono";
import { SessionCoordination, type TicketSession, TicketStore } from "rollcall";
import {
  type CookieOptions,
  type RequestSession,
  type SessionCookieMiddleware,
  type SessionCookieOptions,
  sessionCookie,
} from "rollcall/express";
import {
  sessionCookie as forHono,
  type CookieOptions as HonoCookieOptions,
  type SessionCookieOptions as HonoOptions,
  type RequestSession as HonoRequestSession,
  type SessionVariables,
} from "rollcall/hono";
import { memoryStores } from "rollcall/memory";

const host = memoryStores();
const tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: "" } } });
const coordination = new SessionCoordination(host);

const options: SessionCookieOptions & HonoOptions = {
  tickets,
  coordination,
  cookie: {
    name: "__Host-id",
    sameSite: "Strict",
    persistent: ({ attributes }) => attributes?.stay === "1",
    insecure: false,
  },
};

const middleware: SessionCookieMiddleware = sessionCookie(options);
const app = express();
app.use(middleware);
app.get("/", sessionCookie({ tickets }), async (req, res) => {
  const session: TicketSession | undefined = req.rollcall.session;
  // @ts-expect-error: there may be no session
  session.subjectId;
  const begun: TicketSession | undefined = await req.rollcall.signIn({
    subjectId: "alice",
    ipAddress: req.ip,
    userAgent: req.get("user-agent"),
  });
  await req.rollcall.renew({ ticket: begun?.ticket, displayName: null });
  await req.rollcall.rotate();
  const added: boolean = await req.rollcall.addClient({ clientId: "shop", sessionId: "s" });
  const report = await req.rollcall.signOut({ waitUntil: (rest) => rest });
  res.json([added, report?.notifications.delivered]);
  // @ts-expect-error: the session can only be changed with its methods
  req.rollcall.session = undefined;
});

// Without Express.
createServer((request: IncomingMessage & { rollcall?: RequestSession }, response: ServerResponse) =>
  middleware(request, response, (error) => response.end(String(error ?? request.rollcall))),
);

const hono = new Hono<{ Variables: SessionVariables }>();
hono.use(forHono(options));
hono.get("/", async (c) => {
  const rollcall: HonoRequestSession = c.var.rollcall;
  await rollcall.signOut({ waitUntil: (rest) => c.executionCtx.waitUntil(rest) });
  return c.json(c.get("rollcall").session?.subjectId);
});
// A route with its own middleware gets the variable's type from it.
new Hono().get("/", forHono({ tickets }), (c) => c.json(c.var.rollcall.session?.subjectId));

export const cookies: (CookieOptions & HonoCookieOptions)[] = [
  {},
  { persistent: true, sameSite: "None" },
  { insecure: true },
];
// @ts-expect-error: a ticket store is needed
sessionCookie({ coordination });
// @ts-expect-error: no such option
forHono({ tickets, cookie: { domain: "example.com" } });
// @ts-expect-error: no such value
sessionCookie({ tickets, cookie: { sameSite: "lax" } });
