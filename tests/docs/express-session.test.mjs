/** The program of docs/integrations/express-session.md, with a stand-in for express-session. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [program, ...others] = await examplesOf(
  "docs/integrations/express-session.md",
  import.meta.url,
);

test("there is one example to run", () => {
  assert.ok(program !== undefined);
  assert.equal(others.length, 0);
});

/** Keeps `req.session` in memory and has `regenerate`, which is all that the program uses. */
const standIn = `
  import { randomUUID } from "node:crypto";
  const stored = new Map();
  export default () => (req, res, next) => {
    const open = (id, data, callback) => {
      const regenerate = (done) => {
        stored.delete(id);
        begin(done);
      };
      req.session = Object.defineProperty(data, "regenerate", { value: regenerate, configurable: true });
      callback();
    };
    const begin = (callback) => {
      const id = randomUUID();
      stored.set(id, {});
      res.setHeader("set-cookie", "connect.sid=" + id);
      open(id, stored.get(id), callback);
    };
    const id = /connect.sid=([^;]+)/.exec(req.headers.cookie ?? "")?.[1];
    stored.has(id) ? open(id, stored.get(id), next) : begin(next);
  };
`;

const provider = `
  import { memoryStores } from "rollcall/memory";
  export const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
    sendLogout: ({ reason }) => { console.log("notified", reason); return { delivered: true }; },
  };
  export const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  export const secret = "a secret";
  export const cookie = { httpOnly: true };
  export const checkPassword = (username, password) =>
    password === "right" ? { id: username, name: username.toUpperCase() } : undefined;
`;

const visit = `
  import { once } from "node:events";
  import { SessionManagement } from "rollcall";
  if (!server.listening) await once(server, "listening");
  const origin = "http://127.0.0.1:" + server.address().port;
  let browser;
  const ask = async (method, path, form) => {
    const body = form && new URLSearchParams(form);
    const headers = browser && { cookie: browser };
    const response = await fetch(origin + path, { method, redirect: "manual", body, headers });
    const set = response.headers.getSetCookie().at(-1);
    if (set !== undefined) browser = set.split(";")[0];
    const text = await response.text();
    console.log(response.status, text.startsWith("{") ? text : "");
  };
  const management = new SessionManagement(host);
  await ask("POST", "/sign-in", { username: "alice", password: "wrong" });
  await ask("POST", "/sign-in", { username: "alice", password: "right" });
  const before = browser;
  await ask("POST", "/clients/shop");
  await ask("GET", "/");
  const { results } = await management.querySessions();
  console.log(results.map(({ displayName, ipAddress }) => displayName + " " + ipAddress).join());
  await management.removeSessions({ subjectId: "alice" });
  await ask("GET", "/");
  await ask("POST", "/clients/shop");
  await ask("POST", "/sign-in", { username: "bob", password: "right" });
  console.log(browser !== before);
  await ask("POST", "/clients/shop");
  await ask("POST", "/sign-out");
  await ask("GET", "/");
  console.log((await management.countSessions()).count);
  process.exit();
`;

test("sign-ins are mirrored as written", async () => {
  const printed = await run(
    `process.env.PORT = "0";\n${program.replace('"express-session"', '"./express-session.mjs"')}\n${visit}`,
    { "express-session.mjs": standIn, "provider.mjs": provider },
  );
  assert.equal(
    printed.replaceAll(" \n", "\n"),
    `401
303
204
200 {"userId":"alice"}
ALICE 127.0.0.1
notified terminated
200 {}
401
303
true
204
notified user_logout
303
200 {}
0
`,
  );
});
