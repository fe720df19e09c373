/** Calls after the response has begun, when the cookie can't be set any more. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { sessionCookie as forExpress } from "rollcall/express";
import { sessionCookie as forHono } from "rollcall/hono";
import { provider, serve } from "./support.mjs";

const CALLS = {
  signIn: (rollcall) => rollcall.signIn({ subjectId: "bob" }),
  renew: (rollcall) => rollcall.renew({ ticket: 1 }),
  rotate: (rollcall) => rollcall.rotate(),
  signOut: (rollcall) => rollcall.signOut(),
};

/** An application that answers first and calls then. `done` gets the outcome. */
const APPLICATIONS = {
  express(options, call, done) {
    const app = express();
    app.use(forExpress(options));
    app.get("/", async (req, res) => {
      res.end();
      done(await outcome(() => call(req.rollcall)));
    });
    return app;
  },
  hono(options, call, done) {
    const app = new Hono();
    app.use(forHono(options));
    app.get("/", (c) => {
      setTimeout(async () => done(await outcome(() => call(c.var.rollcall))));
      return c.body(null);
    });
    return getRequestListener(app.fetch);
  },
};

async function outcome(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
}

for (const [framework, application] of Object.entries(APPLICATIONS)) {
  for (const [name, call] of Object.entries(CALLS)) {
    test(`${name} is refused in ${framework}, and changes nothing`, async (t) => {
      const { tickets, host } = provider();
      const value = await tickets.store({ subjectId: "alice" });
      const before = await tickets.retrieve(value);
      let done;
      const error = new Promise((resolve) => {
        done = resolve;
      });
      const origin = await serve(t, application({ tickets }, call, done));
      await fetch(origin, { headers: { cookie: `__Host-session=${value}` } });
      const { code, message } = (await error) ?? {};
      assert.equal(code, "invalid_argument");
      assert.equal(message, "the response has begun: await this call before you send it");
      assert.deepEqual(await tickets.retrieve(value), before);
      assert.equal(await host.sessions.count({}), 1);
    });
  }
}
