/** The code of docs/reference/delivery.md, and its table of options. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const examples = await examplesOf("docs/reference/delivery.md", import.meta.url);

/** A host with one due notification, to a client that answers with `outcome`. */
const before = (outcome) => `
  import { memoryStores } from "rollcall/memory";
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
    sendLogout: () => (${JSON.stringify(outcome)}),
  };
  const reason = "terminated";
  await host.outbox.add([{ id: "n", clientId: "shop", subjectId: "alice", reason, attempt: 0, created: Date.now() }]);
`;

test("there are two examples to run", () => {
  assert.equal(examples.length, 2);
});

test("a pass and the runner run as written", async () => {
  const [, shown] = /console\.log\(delivered, .*\); \/\/ (.+)/.exec(examples[0]);
  const printed = await run(before({ delivered: false, retry: true, error: "busy" }) + examples[0]);
  assert.equal(printed, `${shown}\n`);
});

test("given-up notifications are listed and retried as written", async () => {
  const [, shown] = /error\); \/\/ (.+)/.exec(examples[1]);
  const outcome = {
    delivered: false,
    retry: false,
    status: 400,
    error: shown.replace("shop 1 400 ", ""),
  };
  const program = `
    import { LogoutDelivery } from "rollcall";
    ${before(outcome)}
    const delivery = new LogoutDelivery(host);
    await delivery.deliverDue();
    ${examples[1]}
    console.log((await delivery.list({}).next()).value.state);
  `;
  assert.equal(await run(program), `${shown}\npending\n`);
});

test("the table has every option", async () => {
  const page = await readFile(new URL("../../docs/reference/delivery.md", import.meta.url), "utf8");
  const types = await readFile(
    new URL("../../pkg-template/src/types/delivery.ts", import.meta.url),
    "utf8",
  );
  const [options] = types.split("/** The result of one pass");
  const names = [...options.matchAll(/^ {2}(\w+)\?: number \| undefined;/gm)].map(
    ([, name]) => name,
  );
  assert.equal(names.length, 10);
  for (const name of names) assert.match(page, new RegExp(`^\\| \`${name}\` \\|`, "m"), name);
});
