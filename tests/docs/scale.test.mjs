/** The figures of docs/operate/scale.md are those of benches/RESULTS.md. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
const page = await read("docs/operate/scale.md");

/** A measurement, with its value and its milliseconds. */
const results = new Map(
  (await read("benches/RESULTS.md"))
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => {
      const [, what, measured, , , milliseconds] = line.split("|").map((cell) => cell.trim());
      return [what, { measured, milliseconds }];
    }),
);

const result = (what) => results.get(what) ?? assert.fail(`no result \`${what}\``);
/** The time of the side that the row is named after. */
const time = (what) => result(what).milliseconds.split(" over ")[0];
/** The cells of a row of the page, after its first. */
const cells = (first) => {
  const line = page.split("\n").find((each) => each.startsWith(`| ${first} |`));
  return (line ?? assert.fail(`no row \`${first}\``))
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
};
/** Times of seconds have a separator on the page. */
const number = (text) => text.replace(",", "");

const ENGINES = ["SQLite", "PostgreSQL", "MariaDB", "Redis"];
const AMONG = "1,000,000 over 10,000 sessions";

for (const [first, what] of [
  ["first page, no count", `first page, ${AMONG}`],
  ["page 40,000", "page 40,000 over page 1"],
  ["of a subject with 100 sessions, exact count", `page by subject with its exact count, ${AMONG}`],
  ["of a client", `page by client, ${AMONG}`],
  ["part of a common name", `page by a part of a common name, ${AMONG}`],
  [
    "part of a name that matches no session",
    `page by a part of a name that matches no session, ${AMONG}`,
  ],
  ["first page, exact count of all", `first page with the exact count, ${AMONG}`],
  ['first page, `count: "capped"`', `first page with a capped count, ${AMONG}`],
  ["one session, ms", `removal of one session, ${AMONG}`],
  ["a subject with 100 sessions, ms", `removal of a subject with 100 sessions, ${AMONG}`],
]) {
  test(`the times of: ${first}`, () => {
    for (const [index, cell] of cells(first).entries()) {
      if (cell === "not supported") continue;
      assert.equal(number(cell), time(`${ENGINES[index]}: ${what}`), ENGINES[index]);
    }
  });
}

for (const [first, call] of [
  ["`store`: a sign-in", "store"],
  ["`retrieve`: each request with a cookie", "retrieve"],
  ["`addClient`", "addClient"],
  ["`renew`", "renew"],
  ["`validateSession`", "validateSession"],
]) {
  test(`the times of ${call}`, () => {
    const expected = ENGINES.slice(0, 2).map((engine) =>
      time(`${call}, ${engine}: the core, over the store directly`),
    );
    assert.deepEqual(cells(first).slice(0, 2), expected);
  });
}

test("the sizes", () => {
  const bytes = (first) => /^[\d,]+ bytes/.exec(cells(first)[0])[0].replace(",", "");
  for (const [first, what] of [
    [
      "PostgreSQL, with two clients: the row and all indexes",
      "PostgreSQL, 1,000,000 sessions: a session of Rollcall with two clients, all indexes",
    ],
    [
      "the memory stores, without a ticket",
      "memory store, a session of 1,000,000, without its ticket",
    ],
    [
      "the memory stores, with a short ticket",
      "memory store, a session of 1,000,000, with a short ticket",
    ],
  ])
    assert.equal(bytes(first), result(what).measured, first);
});

test("the other figures", () => {
  const check = "PostgreSQL, 1,000,000 sessions: a check of 64 at once, over connect-pg-simple";
  const memory = "removing 100,000 sessions of one subject, SQLite: memory over idle";
  const four = "four processes at once among 1,000,000 sessions, PostgreSQL";
  const deliveries = (where) =>
    time(`delivering 10,000 notifications, ${where}: over a loop of presigned tokens`);
  const seconds = (where) => `${(Number(deliveries(where)) / 1_000).toFixed(1)} s`;
  const grouped = (text) => Number(text.split(" ")[0]).toLocaleString("en");
  for (const figure of [
    `${time(check)} ms`,
    result(memory).measured,
    `${grouped(result(`${four}: removed, each once`).measured)} sessions`,
    grouped(result(`${four}: renewed`).measured),
    `${grouped(result(`${four}: pages of 500, no session missing or twice`).measured)} pages`,
    `${seconds("in memory")} from memory`,
    `${seconds("SQLite")} from an outbox`,
    seconds("in memory, to clients that take 20 ms"),
  ])
    assert.ok(page.replace(/\s+/g, " ").includes(figure), figure);
});
