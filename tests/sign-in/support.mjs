/**
 * The same application behind the middleware of each framework, over real HTTP.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { LogoutDelivery, SessionCoordination, TicketStore } from "rollcall";
import { sessionCookie as forExpress } from "rollcall/express";
import { sessionCookie as forHono } from "rollcall/hono";
import { memoryStores } from "rollcall/memory";
import { listening } from "../listening.mjs";

/** The actions of the application, by path. Each gets the session of the request and the body. */
const ACTIONS = {
  "/sign-in": (rollcall, body) => rollcall.signIn(body),
  "/sign-in-and-rotate": async (rollcall, body) => {
    await rollcall.signIn(body);
    return rollcall.rotate();
  },
  "/renew": (rollcall, body) => rollcall.renew(body),
  "/rotate": (rollcall) => rollcall.rotate(),
  "/client": (rollcall, { client }) => rollcall.addClient(client),
  "/sign-out": (rollcall) => rollcall.signOut(),
  "/session": (rollcall) => rollcall.session,
};

/** The listener of `node:http` with that application, by framework. */
export const FRAMEWORKS = {
  express(options) {
    const app = express();
    app.use(forExpress(options));
    app.use(express.json());
    for (const [path, act] of Object.entries(ACTIONS)) {
      app.post(path, async (req, res) => {
        res.cookie("theme", "dark");
        res.json((await act(req.rollcall, req.body)) ?? null);
      });
    }
    // Express recognizes an error handler by its four parameters.
    app.use((error, _req, res, _next) => res.status(500).json({ code: error.code }));
    return app;
  },
  hono(options) {
    const app = new Hono();
    app.use(forHono(options));
    for (const [path, act] of Object.entries(ACTIONS)) {
      app.post(path, async (c) => {
        const body = await c.req.json().catch(() => ({}));
        const headers = { "set-cookie": "theme=dark; Path=/" };
        // The handler's own response, which takes no header from the context.
        return Response.json((await act(c.var.rollcall, body)) ?? null, { headers });
      });
    }
    app.onError((error, c) => c.json({ code: error.code }, 500));
    return getRequestListener(app.fetch);
  },
};

/** A provider in memory, with a list of its notifications. */
export function provider({ coordinated = true, wrap = (host) => host, ...settings } = {}) {
  const notified = [];
  const host = wrap({
    ...memoryStores(),
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: "https://shop.example.com/logout",
      coordinateLifetimeWithUserSession: true,
    }),
    sendLogout: ({ clientId, subjectId, sessionId }) => {
      notified.push(`${clientId} of ${subjectId}${sessionId === undefined ? "" : " in a session"}`);
      return { delivered: true };
    },
  });
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  const tickets = new TicketStore(host, { keys, ...settings });
  const coordination = coordinated ? new SessionCoordination(host) : undefined;
  const deliver = () => new LogoutDelivery(host).deliverDue();
  return { host, tickets, coordination, notified, deliver };
}

/** Serves an application during one test. */
export async function serve(t, listener) {
  return `http://${await listening(t, createServer(listener))}`;
}

/**
 * Starts the application of a framework.
 *
 * @returns `call(path, body, cookie)` resolves to the status, the body, and the session cookie of
 *   the response: `setCookie` whole and `cookie` as a browser sends it back
 */
export async function application(t, framework, options, name = "__Host-session") {
  const origin = await serve(t, FRAMEWORKS[framework](options));
  return async (path, body = {}, cookie = undefined) => {
    const response = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(cookie && { cookie }) },
      body: JSON.stringify(body),
    });
    const all = response.headers.getSetCookie();
    const own = all.filter((header) => header.startsWith(`${name}=`));
    assert.ok(own.length <= 1, `one Set-Cookie of a name: ${own}`);
    if (response.ok) assert.ok(all.some((header) => header.startsWith("theme=dark")));
    assert.equal(response.headers.get("cache-control"), own.length === 1 ? "no-store" : null);
    return {
      status: response.status,
      body: await response.json(),
      setCookie: own[0],
      cookie: own[0]?.split(";")[0],
    };
  };
}
