/** The files and tests that docs/reference/logout-conformance.md names exist. */

import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";

const docs = resolve(
  import.meta.dirname ?? new URL(".", import.meta.url).pathname,
  "../../docs/reference",
);
const page = await readFile(join(docs, "logout-conformance.md"), "utf8");

/** The rows of the tables, with their places. */
const rows = page.split("\n").flatMap((line, index) => {
  const cells = line.split("|").map((cell) => cell.trim());
  const isRule = cells.length === 6 && /^\d/.test(cells[1]);
  return isRule ? [{ place: `line ${index + 1}`, sections: cells[1], tests: cells[4] }] : [];
});

test("there is a rule of each section that has rules", () => {
  for (const section of ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "4", "4.1"]) {
    assert.ok(
      rows.some(({ sections }) => sections.split(", ").includes(section)),
      section,
    );
  }
});

test("every file exists", async () => {
  for (const [, path] of page.matchAll(/\]\(([^#:)]+)\)/g)) {
    await access(join(docs, path));
  }
});

describe("every rule has tests, and they exist", () => {
  for (const { place, tests } of rows) {
    test(place, async () => {
      for (const named of tests.split("<br>")) {
        const [, path, title] =
          /^\[[^\]]+\]\(([^)]+)\) (.+)$/.exec(named) ?? assert.fail(`not a test: ${named}`);
        const source = await readFile(join(docs, path), "utf8");
        assert.ok(
          titlesIn(path, source).some((pattern) => pattern.test(title)),
          `${path} has no test \`${title}\``,
        );
      }
    });
  }
});

/**
 * The titles of the tests in a file. A title consists of that of the suite and that of the test.
 * Any string matches in place of a value.
 */
function titlesIn(path, source) {
  const titles = path.endsWith(".rs") ? functionsIn(source) : testsIn(source);
  return titles.map((title) => new RegExp(`^${title}$`, "u"));
}

function functionsIn(source) {
  return [...source.matchAll(/^ *fn (\w+)\(\)/gm)].map(([, name]) => name);
}

/**
 * If the title of a test is a variable, it's the first string of each row that the suite runs over.
 */
function testsIn(source) {
  const titles = [];
  let suite = "";
  let firstTexts = [];
  for (const [, indent, call, title, text] of source.matchAll(
    /^( *)(?:(describe|test)\(("[^"\n]*"|`[^`\n]*`|name),|\[\s*("(?:[^"\\\n]|\\.)*"))/gm,
  )) {
    if (text !== undefined) firstTexts.push(text);
    else if (call === "describe") [suite, firstTexts] = [`${patternOf(title)} `, []];
    else {
      const own = title === "name" ? firstTexts : [title];
      titles.push(...own.map((literal) => `${indent === "" ? "" : suite}${patternOf(literal)}`));
    }
  }
  return titles;
}

/** A string or a template as a regular expression. */
function patternOf(literal) {
  const parts = literal.startsWith('"')
    ? [JSON.parse(literal)]
    : literal.slice(1, -1).split(/\$\{[^}]*\}/);
  return parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join(".+");
}
