/**
 * The commands of the page about the command line, run in a terminal of 80 columns against the
 * program of `cargo xtask start`. They print the same as on the page, except times and random ids.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { TicketStore } from "../../pkg/entry/node.js";
import { libsqlDialect, migrate, sqlStores } from "../../pkg/sql.js";
import { hasTerminal, inTerminal, rollcall } from "../cli/support.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = await readFile(join(root, "docs/guides/command-line.md"), "utf8");

let folder;
let server;
let env;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "rollcall-docs-"));
  const data = join(folder, "sessions.db");
  await fill(data);
  server = spawn(process.execPath, ["examples/identity-provider/server.mjs", "--data", data], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let greeting = "";
  for await (const text of server.stdout.setEncoding("utf8")) {
    greeting += text;
    if (greeting.includes("--token-file")) break;
  }
  const [, url, file] = /npx rollcall sessions list --url (\S+) --token-file (\S+)/.exec(greeting);
  env = { ROLLCALL_URL: url, ROLLCALL_TOKEN: (await readFile(file, "utf8")).trim(), NO_COLOR: "1" };
});
after(async () => {
  server.kill();
  await once(server, "exit");
  await rm(folder, { recursive: true });
});

/** The sessions that the page shows. */
async function fill(file) {
  const client = createClient({ url: pathToFileURL(file).href });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  await migrate(kysely, { dialect: "sqlite" });
  const tickets = new TicketStore(sqlStores(kysely, { dialect: "sqlite" }), {
    keys: { current: "1", keys: { 1: new Uint8Array(32) } },
  });
  for (const [subjectId, sessionId, displayName, clients] of [
    ["m", "m-1", "محمد بن عبد الله", ["calendar"]],
    ["王", "王-1", "王小明", ["calendar"]],
    ["ann", "ann-1", "Ann Archer", ["calendar"]],
    ["12345", "bob-1", "Bob Baker", ["payroll", "crm"]],
    ["12345", "bob-2", "Bob Baker", ["payroll", "maps"]],
  ]) {
    await tickets.store({ subjectId, sessionId, displayName, clients });
  }
  await kysely.destroy();
  client.close();
}

/** The commands of the page, each with the screen below it. */
const mark = "<!-- run by tests/docs/command-line.test.mjs -->\n```console\n";
const commands = page
  .split(mark)
  .slice(1)
  .flatMap((rest) => rest.slice(0, rest.indexOf("```")).split(/^\$ /m).slice(1))
  .map((block) => {
    const [command, ...lines] = block.split("\n");
    return { command, shown: lines.join("\n") };
  });

/** The answers that a person types, as the page shows them. */
const ANSWERS = [
  [/End them\? \(y\/N\) (\S+)$/m, /End them\? \(y\/N\)/],
  [/to end them: (\S+)$/m, /to end them:/],
];

/** Times differ, ids are random, and columns are as wide as their values. */
function withoutChance(text) {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: readline places its prompt with these
      .replace(/\u001b\[\d*[A-Z]/g, "")
      .replace(/\r[^\n]*\r(?=\S)/g, "")
      .replaceAll("\r", "")
      .replace(/\b(\d+)[smhd] ago/g, "some time ago")
      .replace(/\b(session|skipped)(:\S*|…)/g, "$1…")
      .replace(/\d+ of \d+ sessions ended/g, "")
      .replace(/ {2,}/g, "  ")
      .trim()
  );
}

test("there are commands to run", () => assert.ok(commands.length >= 5));

for (const { command, shown } of commands) {
  const skip = hasTerminal ? false : "this machine has no `script`";
  test(`$ ${command}`, { skip }, async () => {
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, word]) => text ?? word);
    assert.equal(args.shift(), "rollcall");
    const typed = ANSWERS.flatMap(([answer, question]) => {
      const [, text] = answer.exec(shown) ?? [];
      return text === undefined ? [] : [[question, `${text}\r`]];
    });
    const { screen } = await inTerminal(args, { env, typed });
    assert.equal(withoutChance(screen), withoutChance(shown));
  });
}

test("the page has every command", async () => {
  const { out } = await rollcall(["completion", "fish"]);
  const places = [...out.matchAll(/__rollcall_place\) = '\\''([^']*)'\\'''? -a (\S+) /g)];
  const all = places.map(([, place, name]) => `${place} ${name}`.trim());
  const groups = new Set(places.map(([, place]) => place));
  const leaves = all.filter((name) => !groups.has(name) && !/^(?:help|completion) /.test(name));
  assert.ok(leaves.length >= 10);
  const rows = [...page.matchAll(/^\| `([a-z]+(?: [a-z]+)?)[^`]*` \|/gm)].map(([, name]) => name);
  assert.deepEqual(
    leaves.filter((name) => !rows.includes(name)),
    [],
  );
});

test("the page has every exit status", () => {
  const rows = [...page.matchAll(/^\| (\d+) \| [^|]+ \|$/gm)].map(([, status]) => Number(status));
  assert.deepEqual(rows, [0, 1, 2, 3, 4, 5, 6, 130]);
});
