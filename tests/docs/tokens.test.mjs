/** The code of docs/guides/tokens.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [issuing, ending, pruning, ...others] = await examplesOf(
  "docs/guides/tokens.md",
  import.meta.url,
);

const before = `
  import { SessionManagement, TicketStore } from "rollcall";
  import { memoryContents, memoryStores } from "rollcall/memory";
  const stores = memoryStores();
  const host = { ...stores, clients: (clientId) => ({ clientId }) };
  const management = new SessionManagement(host);
  const tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
  const cookie = await tickets.store({ subjectId: "bob", sessionId: "s1", clients: ["shop"] });
  const session = await tickets.retrieve(cookie);
`;

/** The output that the comments of an example give. */
const shownBy = (example) => /console.*\/\/ (.+)\n/.exec(example)[1];

test("there are three examples to run", () => {
  assert.ok(pruning !== undefined);
  assert.equal(others.length, 0);
});

test("a refresh token is used once, and a second use revokes its successors", async () => {
  const program = `
    ${before} ${issuing}
    const first = await issue(session, "shop", { scope: "openid" });
    console.log(JSON.stringify(memoryContents(stores)).includes(first));
    console.log(await refresh(first, "wiki"), await refresh("another", "shop"));
    const second = await refresh(first, "shop");
    console.log(typeof second, second !== first);
    const third = await refresh(second, "shop");
    console.log(await refresh(first, "shop"), await refresh(third, "shop"));
    console.log((await host.grants.list({ subjectId: "bob" })).length);
  `;
  assert.equal(
    await run(program),
    "false\nundefined undefined\nstring true\nundefined undefined\n0\n",
  );
});

test("a token of a session that has ended isn't issued or refreshed", async () => {
  const program = `
    ${before} ${issuing}
    const token = await issue(session, "shop", {});
    const report = await management.removeSessions({ sessionId: "s1" });
    console.log(report.tokensRevoked, await refresh(token, "shop"));
    console.log(await issue(session, "shop", {}));
    console.log((await host.grants.list({ subjectId: "bob" })).length);
  `;
  assert.equal(await run(program), "1 undefined\nundefined\n0\n");
});

test("a grant that is stored as expired is refused and pruned", async () => {
  const program = `
    ${before} ${issuing}
    const token = await issue(session, "shop", {});
    const grant = await host.grants.get(digest(token));
    await host.grants.store({ ...grant, expires: new Date() });
    console.log(await refresh(token, "shop"), (await coordination.removeExpiredSessions()).grantsRemoved);
  `;
  assert.equal(await run(program), "undefined 1\n");
});

test("the tokens of one client are revoked as written", async () => {
  const program = `
    ${before} ${issuing}
    for (const client of ["shop", "shop", "wiki"]) await issue(session, client, {});
    ${ending}
    console.log(await host.sessions.count({}));
    await host.grants.remove({}).catch(({ code }) => console.log(code));
  `;
  assert.equal(await run(program), `${shownBy(ending)}\n1\ninvalid_argument\n`);
});

test("expired grants are pruned as written", async () => {
  const program = `
    ${before} ${issuing}
    await issue(session, "shop", {});
    const grant = { type: "reference_token", subjectId: "bob", clientId: "shop", data: "" };
    await host.grants.store({ ...grant, key: "expired", created: new Date(1), expires: new Date(2) });
    await host.grants.store({ ...grant, key: "forever", created: new Date(1) });
    console.log((await host.grants.get("expired")).key);
    ${pruning}
    console.log(await host.grants.get("expired"), (await host.grants.get("forever")).key);
  `;
  assert.equal(await run(program), `expired\n${shownBy(pruning)}\nundefined forever\n`);
});

test("without a shared transaction, or without grants, the report says so", async () => {
  const program = `
    ${before}
    const notes = async (other) =>
      console.log((await new SessionManagement({ ...host, ...other }).removeSessions({ subjectId: "bob" })).notes.join());
    await notes({ grants: { ...host.grants } });
    await notes({ grants: undefined });
  `;
  const [steps, none] = (await run(program)).split("\n");
  assert.match(steps, /sessions were ended in steps/);
  assert.match(none, /no tokens or consents were revoked/);
});
