/** The code of docs/guides/your-devices.md, in an application of docs/guides/sign-in.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";
import { host, visits } from "./visitor.mjs";

const [list, end, endOthers, renewal, ...others] = await examplesOf(
  "docs/guides/your-devices.md",
  import.meta.url,
);

test("there are four examples to run", () => {
  assert.ok(renewal !== undefined);
  assert.equal(others.length, 0);
});

test("the page runs as written", async () => {
  const program = `
    import express from "express";
    import { TicketStore } from "rollcall";
    import { sessionCookie } from "rollcall/express";
    ${host}
    let now = Date.now();
    host.now = () => now;
    const tickets = new TicketStore(host, { keys });
    const app = express();
    app.use(sessionCookie({ tickets }), express.urlencoded());
    app.post("/sign-in", async (req, res) => {
      const { subjectId, sessionId } = req.body;
      await req.rollcall.signIn({ subjectId, sessionId, clients: ["shop"] });
      res.end();
    });
    ${renewal} ${list} ${end} ${endOthers}
    const listener = app;
    ${visits}

    const [laptop, phone, tablet, other] = [{}, {}, {}, {}];
    const signIn = (browser, subjectId, sessionId) =>
      ask(browser, "POST /sign-in", { subjectId, sessionId });
    await signIn(laptop, "bob", "laptop");
    await signIn(phone, "bob", "phone");
    await signIn(tablet, "bob", "tablet");
    await signIn(other, "carol", "other");

    const response = await fetch(origin + "/devices", { headers: { cookie: laptop.cookie } });
    const devices = await response.json();
    console.log(devices.map(({ sessionId, isThisDevice }) => sessionId + " " + isThisDevice).sort().join());

    const left = async () => {
      const { sessions } = await host.sessions.list({ filter: {}, order: "oldest", limit: 9 });
      return sessions.map(({ sessionId }) => sessionId).sort().join();
    };
    console.log(await ask(other, "POST /devices/end", { sessionId: "phone" }), await left());
    console.log(await ask(laptop, "POST /devices/end", { sessionId: "phone" }), await left());
    console.log(await ask(laptop, "POST /devices/end"), await ask({}, "POST /devices/end-others"));
    console.log(await ask(laptop, "POST /devices/end-others"), await left());
    console.log(await ask({}, "GET /devices"));

    now -= 7_200_000;
    const old = await tickets.store({ subjectId: "dave", expires: now + 86_400_000 });
    now += 7_200_000;
    await ask({ cookie: "__Host-session=" + old }, "GET /devices");
    console.log((await tickets.retrieve(old)).renewed === now);
    process.exit();
  `;
  assert.equal(
    await run(program),
    `laptop true,phone false,tablet false
303 laptop,other,phone,tablet
notified
303 laptop,other,tablet
400 400
notified
303 laptop,other
303
true
`,
  );
});
