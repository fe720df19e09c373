// The command in a terminal of 80 and of 200 columns, with and without colors.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import stringWidth from "string-width";
import { hasTerminal, inTerminal, provider, SECRET } from "./support.mjs";

const options = { skip: hasTerminal ? false : "this machine has no `script`" };

let api;
before(async () => {
  api = await provider();
  const clients = ["shop", "web", "a-client-with-a-very-long-name"];
  await api.signIn("12345", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", {
    displayName: "Bob Baker of the very long name",
    ipAddress: "192.0.2.7",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    clients,
  });
  await api.signIn("w", "w-1", { displayName: "王小明（测试）和更多的名字", clients });
  await api.signIn("m", "m-1", { displayName: "محمد بن عبد الله بن عبد المطلب", clients });
  await api.signIn("e", "e-1", {
    displayName: "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
    clients,
  });
  await api.signIn("x", "x-1", { displayName: "\u001b[2J\u202eevil" });
});
after(() => api.close());

const run = (args, columns, env = {}) =>
  inTerminal(args, { columns, env: { ROLLCALL_URL: api.url, ROLLCALL_TOKEN: SECRET, ...env } });
const linesOf = (screen) => screen.trimEnd().split("\n");

/** The lines of a table, and the notes below it. */
function tableOf(screen) {
  const all = linesOf(screen);
  const isNote = (line) => line.startsWith("no room for ");
  return {
    lines: all.filter((line) => !isNote(line)),
    notes: all.filter((line) => isNote(line)),
  };
}

for (const columns of [80, 200, 30, 5]) {
  test(`no line is longer than ${columns} columns`, options, async () => {
    const { screen, status } = await run(["sessions", "list"], columns);
    assert.equal(status, 0);
    const { lines } = tableOf(screen);
    assert.equal(lines.length, 6);
    for (const line of lines) assert.ok(stringWidth(line) <= columns, line);
  });
}

test("ids are complete at 80 columns, and other values are truncated", options, async () => {
  const { screen } = await run(["sessions", "list"], 80, { NO_COLOR: "1" });
  const {
    lines: [head, ...lines],
    notes,
  } = tableOf(screen);
  assert.deepEqual(notes, ["no room for EXPIRES: `--columns` shows it"]);
  assert.match(head, /^SESSION ID {28}SUBJECT ID {2}NAME/);
  const begins = head.indexOf("NAME");
  const cells = lines.map((line) => {
    const before = line.match(/^\S+\s+\S+\s+/)[0];
    assert.equal(stringWidth(before), begins);
    return line.slice(before.length).split(/\s{2,}/)[0];
  });
  assert.match(lines[4], /^f81d4fae-7dec-11d0-a765-00a0c91e6bf6 {2}12345/);
  assert.match(cells[4], /^Bob Bak.*…$/);
  assert.match(cells[3], /^王小.*…$/);
  assert.match(cells[2], /^محمد.*…$/u);
});

test(
  "ids are complete at 80 columns in every table, and the last columns are omitted",
  options,
  async () => {
    const many = await provider();
    const show = async (args) => {
      const env = { ROLLCALL_URL: many.url, ROLLCALL_TOKEN: SECRET, NO_COLOR: "1" };
      const { screen } = await inTerminal(args, { env });
      return { screen, ...tableOf(screen) };
    };
    const id = "0123456789abcdef0123456789abcde";
    try {
      for (const digit of ["1", "2"]) {
        const subject = `user-with-a-long-name-${digit}@example.com`;
        const clients = ["down", "a-client-with-a-long-name"];
        await many.signIn(subject, id + digit, { displayName: "Bob Baker", clients });
      }
      const list = await show(["sessions", "list"]);
      assert.match(list.screen, new RegExp(`^${id}2  user-with-a-long-name-2@example.com`, "m"));
      assert.deepEqual(list.notes, [
        "no room for CLIENTS, CREATED and EXPIRES: `--columns` shows them",
      ]);
      const preview = await show(["purge", "--everything", "--dry-run"]);
      assert.match(preview.screen, new RegExp(`^${id}1  user-with-a-long-name-1@example.com`, "m"));
      assert.match(preview.notes[0], /`--json` shows them$/);
      const ended = await show(["sessions", "end", `${id}1`, "--yes"]);
      assert.match(
        ended.screen,
        new RegExp(`^a-client-with-a-long-name  delivered  200     ${id}1`, "m"),
      );
      assert.deepEqual(ended.notes, ["no room for ERROR: `--json` shows it"]);
      const deliveries = await show(["deliveries", "list"]);
      const ids = (await many.rollcall(["deliveries", "list"])).out.match(/^session\S+(?=\t)/gm);
      assert.equal(ids.length, 2);
      for (const one of ids) assert.ok(deliveries.screen.includes(one), deliveries.screen);
      for (const { lines } of [list, preview, ended, deliveries]) {
        const table = lines.slice(lines.findIndex((line) => /^[A-Z ]+$/.test(line)));
        for (const line of table.filter((one) => one.includes("  "))) {
          assert.ok(stringWidth(line) <= 80, line);
        }
      }
      // A pipe gets the whole table.
      assert.equal((await many.rollcall(["sessions", "list"])).err, "");
    } finally {
      await many.close();
    }
  },
);

test("a wide terminal shows more columns", options, async () => {
  const { screen } = await run(["sessions", "list"], 200, { NO_COLOR: "1" });
  assert.match(linesOf(screen)[0], /CLIENTS .*CREATED .*ADDRESS +USER AGENT$/);
});

test("control characters for the terminal are escaped", options, async () => {
  const { screen } = await run(["sessions", "list", "--subject", "x"], 200, { NO_COLOR: "1" });
  assert.ok(screen.includes(String.raw`\u001b[2J\u202eevil`));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is about these
  assert.doesNotMatch(screen, /[\u001b\u202e]/);
});

test("the output has colors, except with NO_COLOR or `--no-color`", options, async () => {
  const colored = (screen) => screen.includes("\u001b[2m");
  assert.ok(colored((await run(["sessions", "list"], 80)).screen));
  assert.ok(!colored((await run(["sessions", "list"], 80, { NO_COLOR: "1" })).screen));
  assert.ok(!colored((await run(["--no-color", "sessions", "list"], 80)).screen));
  assert.ok(!colored((await run(["sessions", "list", "--no-color"], 80)).screen));
});

test("a list with more pages says so", options, async () => {
  const { screen } = await run(["sessions", "list", "--limit", "2"], 80);
  assert.match(screen, /^2 of 5 sessions: more by `--limit`, or all by `--all`$/m);
});

test("`--json` is indented in a terminal", options, async () => {
  const { screen } = await run(["whoami", "--json"], 80);
  assert.match(screen, /^\{\n {2}"actor": "on-call",$/m);
});
