/** The code of docs/reference/coordination.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [made, signedOut, expired, tokens, limited, ...others] = await examplesOf(
  "docs/reference/coordination.md",
  import.meta.url,
);

/** A host with one client that accepts every notification, and the sign-in path. */
const before = `
  import { TicketStore as Tickets } from "rollcall";
  import { memoryStores } from "rollcall/memory";
  let now = Date.now();
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
    sendLogout: () => ({ delivered: true }),
    onEvent: ({ type }) => type === "session_removed" && console.log(type),
    now: () => now,
  };
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  const tickets = new Tickets(host, { keys });
  const session = { subjectId: "12345", sessionId: "s", clients: ["shop"], expires: now + 3_600_000 };
  const grant = { key: "g", type: "refresh_token", subjectId: "12345", sessionId: "s", clientId: "shop" };
  await host.grants.store({ ...grant, created: new Date(), data: "" });
`;

test("there are five examples to run", () => {
  assert.ok(limited !== undefined);
  assert.equal(others.length, 0);
});

test("signing out runs as written", async () => {
  const program = `${before} ${made} const cookie = await tickets.store(session); { ${signedOut} }`;
  assert.equal(await run(program), "session_removed\n1 1\n");
});

test("a pass over expired sessions, and the runner, run as written", async () => {
  const program = `${before} ${made} await tickets.store(session); now += 3_600_000; ${expired}`;
  assert.equal(await run(program), "1 0 false\n");
});

test("node-oidc-provider validates sessions as written", async () => {
  const program = `
    import { Provider } from "oidc-provider";
    ${before} ${made}
    const accounts = { find: (accountId) => ({ accountId, claims: () => ({ sub: accountId }) }) };
    ${tokens}
    new Provider("https://id.example.com", configuration);
    await tickets.store(session);
    const token = { accountId: "12345", sessionUid: "s", clientId: "shop" };
    const { findAccount, features } = configuration;
    const ask = async () => [
      (await findAccount({}, "12345", token))?.accountId,
      (await findAccount({}, "12345"))?.accountId,
      await features.introspection.allowedPolicy({}, { clientId: "shop" }, token),
      await features.introspection.allowedPolicy({}, { clientId: "another" }, token),
    ];
    const before = await ask();
    now += 3_000_000;
    await ask();
    now += 3_000_000;
    const extended = await ask();
    const { sessions } = await host.sessions.list({ filter: {}, order: "oldest", limit: 1 });
    await host.sessions.remove([sessions[0].key]);
    process.stdout.write(JSON.stringify([before, extended, await ask()]));
  `;
  const printed = await run(program);
  const live = ["12345", "12345", true, false];
  assert.deepEqual(JSON.parse(printed.slice(printed.indexOf("[["))), [
    live,
    live,
    [null, "12345", false, false],
  ]);
});

test("the limit of sessions runs as written", async () => {
  assert.equal(await run(before + limited), "session_removed\nundefined 12345\n");
});
