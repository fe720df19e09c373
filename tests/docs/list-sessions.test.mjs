/** The code of docs/guides/list-sessions.md, its output, and its tables. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { examplesOf, outputsOf, run } from "./examples.mjs";

const PAGE = "docs/guides/list-sessions.md";
const [listed, old, pages, all, opened, counted, ...others] = await examplesOf(
  PAGE,
  import.meta.url,
);
const [printed, tickets] = await outputsOf(PAGE, import.meta.url);

/** Two sessions of Bob and one of Alice, a second apart. */
const before = `
  import { TicketStore } from "rollcall";
  import { memoryStores } from "rollcall/memory";
  let now = Date.now();
  const host = { ...memoryStores(), now: () => now };
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  const tickets = new TicketStore(host, { keys });
  const bob = { subjectId: "12345", displayName: "Bob Baker" };
  await tickets.store({ ...bob, sessionId: "s1", clients: ["shop"] });
  now += 1_000;
  await tickets.store({ ...bob, sessionId: "s2", clients: ["shop", "wiki"], ticket: { role: "editor" } });
  now += 1_000;
  await tickets.store({ subjectId: "678", displayName: "Alice", sessionId: "a", clients: ["shop"] });
`;

/** The program of the first example, without its output. */
const management = listed.slice(0, listed.indexOf("const page"));

/** The output that the comment of an example gives. */
const commentOf = (example) => /\/\/ (.+)\n$/.exec(example)[1];

test("there are six examples to run", () => {
  assert.ok(counted !== undefined);
  assert.equal(others.length, 0);
});

test("a page is listed as written", async () => {
  assert.equal(await run(before + listed), printed);
});

test("active sessions older than 30 days are listed page by page", async () => {
  const program = `
    ${before} ${management}
    const day = 86_400_000;
    const start = now;
    for (let age = 1; age <= 280; age++) {
      now = start - age * day;
      await tickets.store({ subjectId: String(age), expires: start + (age % 7 === 0 ? -1 : day) });
    }
    now = start;
    ${old}
  `;
  // 250 of the 280 are older than 30 days, and every seventh has expired.
  assert.equal(
    await run(program),
    "page 1: 100 sessions\npage 2: 100 sessions\npage 3: 14 sessions\n",
  );
});

test("pages are read in both directions as written", async () => {
  assert.equal(await run(before + management + pages), `${commentOf(pages)}\n`);
});

test("all matches are read as written", async () => {
  const lines = (await run(before + management + all)).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(" ")[0]),
    ["678", "12345", "12345"],
  );
  for (const line of lines) assert.match(line, / \d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test("tickets are opened as written", async () => {
  assert.equal(await run(before + management + opened), tickets);
});

test("sessions are counted as written", async () => {
  const after = `console.log(await management.countSessions({}, { upTo: 2 }));`;
  assert.equal(await run(before + management + counted + after), "3\n{ count: 2, capped: true }\n");
});

test("the tables have every member of a query", async () => {
  const page = await readFile(new URL(`../../${PAGE}`, import.meta.url), "utf8");
  const types = await readFile(
    new URL("../../pkg-template/src/types/query.ts", import.meta.url),
    "utf8",
  );
  const [, query] = /interface SessionQuery \{(.*?)\n\}/s.exec(types);
  const names = [...query.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
  assert.equal(names.length, 17);
  for (const name of names) assert.match(page, new RegExp(`^\\| [^|]*\`${name}\``, "m"), name);
});
