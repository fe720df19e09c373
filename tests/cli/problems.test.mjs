// With `--json` every failure is one problem on standard error, with no other output.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { provider, rollcall } from "./support.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

let api;
before(async () => {
  api = await provider();
  for (const id of ["bob-1", "bob-2", "bob-3"]) await api.signIn("12345", id);
});
after(() => api.close());

/** The problem that a command prints. */
async function problemOf(args, options = {}) {
  const { out, err, status } = await api.rollcall(args, options);
  assert.equal(out, "", args.join(" "));
  assert.match(err, /^\{[^\n]*\}\n$/, args.join(" "));
  return { status, ...JSON.parse(err), exit: status };
}

for (const [code, title, exit, args, detail, env] of [
  [
    "session_not_found",
    "No such session",
    4,
    ["sessions", "show", "x"],
    "no session has the id `x`",
  ],
  [
    ...["session_not_found", "No such session", 4, ["sessions", "end", "x", "--yes"]],
    "no session has the id `x`",
  ],
  [
    ...["session_not_found", "No such session", 4, ["sessions", "end", "x", "y", "--yes"]],
    "none of the 2 ids has a session",
  ],
  [
    ...["not_confirmed", "Not confirmed", 5, ["sessions", "end", "bob-1"]],
    "not confirmed: without a terminal, `--yes` is required",
  ],
  [
    ...["not_confirmed", "Not confirmed", 5, ["purge", "--everything", "--confirm", "7"]],
    "not confirmed: 3 sessions match now, not 7",
  ],
  [
    ...["unreachable", "Unreachable", 1, ["whoami", "--url", "http://rollcall.invalid"]],
    /^`http:\/\/rollcall.invalid` can't be reached: /,
  ],
  [
    ...["no_admin_api", "No admin API", 1, ["whoami", "--url", "URL/none/v1/x"]],
    /^there is no admin API at `URL/,
  ],
  [
    ...["usage", "Wrong arguments", 2, ["sessions", "list", "--limit", "0"]],
    "`--limit` must be a whole number, 1 or more",
  ],
  [
    ...["usage", "Wrong arguments", 2, ["sessions", "lst"]],
    "unknown command `lst`: did you mean `list`?",
  ],
  [
    ...["usage", "Wrong arguments", 2, ["sessions", "list", "--odd\u001b"]],
    "unknown option `--odd\\u001b`",
  ],
  ["usage", "Wrong arguments", 2, [], "give a command: `rollcall help` lists them"],
  [
    ...["usage", "Wrong arguments", 2, ["whoami"]],
    "say where the sessions are: give `--url`, `--host` or `--database`",
    { ROLLCALL_URL: "" },
  ],
  [
    ...["not_retried", "Not retried", 1, ["deliveries", "retry", "x"]],
    "no failed notification has the id `x`: only those with the state failed are retried",
  ],
]) {
  test(`${args.join(" ")} is \`${code}\``, async () => {
    api.intercept(code === "no_admin_api" ? () => new Response("no", { status: 404 }) : undefined);
    const given = args.map((argument) => argument.replace("URL", api.url));
    const { detail: said, ...problem } = await problemOf(["--json", ...given], { env });
    const type = `urn:rollcall:problem:${code.replaceAll("_", "-")}`;
    assert.deepEqual(problem, { status: exit, type, title, code, exit });
    if (typeof detail === "string") assert.equal(said, detail);
    else assert.match(said.replaceAll(api.url, "URL"), detail);
  });
}

test("the flag also works after the wrong argument, and not as a value", async () => {
  assert.equal((await problemOf(["sessions", "list", "--odd", "--json"])).code, "usage");
  for (const args of [
    ["sessions", "list", "--subject", "--json", "--odd"],
    ["sessions", "show", "--odd", "--", "--json"],
  ]) {
    assert.match((await api.rollcall(args)).err, /^error: unknown option `--odd`/);
  }
});

test("the problem of an interrupted purge has the command that continues", async () => {
  let batches = 0;
  api.intercept(async (request) => {
    const { confirmToken } = await request.clone().json();
    if (confirmToken !== undefined) batches += 1;
    return batches === 2
      ? Response.json({ code: "internal", detail: "no" }, { status: 500 })
      : undefined;
  });
  const args = ["purge", "--everything", "--confirm", "3", "--batch", "1", "--json"];
  const { code, detail, continueWith } = await problemOf(args);
  api.intercept(undefined);
  assert.deepEqual([code, detail], ["internal", "no"]);
  assert.equal(continueWith, "rollcall purge --everything --batch 1 --json");
});

test("the problem of interrupted `events` has the last id", async () => {
  const { err, status } = await api.rollcall(["events", "--json"], {
    onStart: () => setTimeout(() => api.signIn("a", "a-1"), 1_000),
    onData: (_out, child) => child.kill("SIGINT"),
  });
  const { code, since } = JSON.parse(err);
  assert.deepEqual([status, code], [130, "interrupted"]);
  assert.match(since, /^[0-9a-f]+-\d+$/);
});

test("a failing store is the API's problem with its reason", async () => {
  const file = join(api.folder, "empty.db");
  await writeFile(file, "");
  const place = ["--json", "--database", `sqlite:${file}`];
  const { err, status } = await rollcall(["sessions", "list", ...place], { cwd: root });
  assert.equal(status, 1);
  const { code, detail, ...problem } = JSON.parse(err);
  assert.equal(code, "not_configured");
  assert.match(detail, /no such table/);
  assert.equal(problem.status, 501);
});

test("the guide lists every code", async () => {
  const source = await readFile(join(root, "pkg-template/cli/failure.ts"), "utf8");
  const codes = [...source.matchAll(/^ {2}(\w+): \[EXIT/gm)].map(([, code]) => code);
  const guide = await readFile(join(root, "docs/guides/command-line.md"), "utf8");
  const documented = [...guide.matchAll(/^\| `([a-z_]+)` \| \d+ \|/gm)].map(([, code]) => code);
  assert.ok(codes.length > 10);
  assert.deepEqual(documented.sort(), codes.sort());
});
