// The command as a file: its size, its help, its completion, and its hosts.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bunPath, denoPath, nodePath } from "../hosts/tools.mjs";
import { COMMAND, provider, rollcall, rows, SECRET } from "./support.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

let api;
before(async () => {
  api = await provider();
  await api.signIn("12345", "bob-1", { displayName: "Bob Baker" });
});
after(() => api.close());

test("it's one file of at most 150 KB after gzip", async () => {
  const source = await readFile(COMMAND);
  assert.ok(gzipSync(source, { level: 9 }).length <= 150_000);
  const imports = [...String(source).matchAll(/(?:from|import)\s*\(?\s*"([^".][^"]*)"/g)];
  const names = [...new Set(imports.map(([, name]) => name))].filter(
    (name) => !/^node:/.test(name),
  );
  assert.deepEqual(names.sort(), ["kysely", "rollcall", "rollcall/http", "rollcall/sql"]);
});

test("it contains the licenses of the bundled packages", async () => {
  const source = await readFile(COMMAND, "utf8");
  for (const name of ["commander", "string-width", "eventsource-parser", "strip-ansi"]) {
    assert.match(source, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, "m"));
  }
});

test("help exits with 0, and no command with 2", async () => {
  const { version } = JSON.parse(await readFile(join(root, "pkg/package.json"), "utf8"));
  assert.deepEqual(await rollcall(["--version"]), { out: `${version}\n`, err: "", status: 0 });
  const help = await rollcall(["--help"]);
  assert.equal(help.status, 0);
  assert.match(help.out, /^Usage: rollcall/);
  assert.equal((await rollcall(["sessions", "end", "--help"])).status, 0);
  assert.deepEqual([(await rollcall([])).status, (await rollcall(["sessions"])).status], [2, 2]);
});

test("`npx rollcall` works in a clone", () => {
  const out = execFileSync("npx", ["--offline", "rollcall", "--version"], {
    cwd: root,
    encoding: "utf8",
  });
  assert.match(out, /^\d+\.\d+\.\d+\n$/);
});

test("whoami, stats and openapi print the API's answers", async () => {
  const whoami = await api.rollcall(["whoami"]);
  assert.deepEqual(rows(whoami.out).slice(0, 2), [
    ["actor", "on-call"],
    ["permissions", "read remove purge"],
  ]);
  const stats = await api.rollcall(["stats", "--hours", "1"]);
  assert.deepEqual(rows(stats.out)[1], ["active", "1"]);
  assert.equal(JSON.parse((await api.rollcall(["stats", "--json"])).out).created.length, 24);
  const { openapi } = JSON.parse((await api.rollcall(["openapi"])).out);
  assert.match(openapi, /^3\.1/);
});

test("a reader that closes the pipe early causes no error", async () => {
  const { err, status } = await api.rollcall(["openapi"], {
    onData: (_out, child) => child.stdout.destroy(),
  });
  assert.deepEqual([err, status], ["", 0]);
});

for (const [host, program] of [
  ["Node 24", () => [nodePath(24)]],
  ["Node 22", () => [nodePath(22)]],
  ["Deno", () => [denoPath(), "run", "-A", "--no-remote"]],
  ["Bun", () => [bunPath(), "run"]],
]) {
  test(`it runs on ${host}, over HTTP and over a database`, async (t) => {
    let command;
    try {
      command = [...program(), COMMAND];
    } catch (error) {
      t.skip(error.message);
      return;
    }
    const env = { ROLLCALL_TOKEN: SECRET };
    const list = ["sessions", "list", "--search", "bob"];
    const { out, err } = await rollcall([...list, "--url", api.url], { program: command, env });
    assert.equal(rows(out)[1]?.[0], "bob-1", err);
    const place = ["--database", `file:${api.file}`];
    const local = await rollcall([...list, ...place], { program: command, cwd: root });
    assert.equal(rows(local.out)[1]?.[0], "bob-1", local.err);
  });
}

/** The words that a shell completes, with the script that the command prints. */
function completed(words) {
  const script = `
    source <("$0" "$1" completion bash)
    COMP_WORDS=(rollcall "\${@:2}")
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _rollcall
    printf '%s\\n' "\${COMPREPLY[@]}"
  `;
  const args = ["-c", script, process.execPath, COMMAND, ...words];
  return execFileSync("bash", args, { encoding: "utf8" }).trim().split("\n");
}

test("bash completes commands, flags and the values of flags", () => {
  const words = (...typed) => completed(typed).filter((word) => !word.startsWith("-"));
  assert.deepEqual(completed(["s"]), ["sessions", "stats"]);
  assert.deepEqual(words("completion", ""), ["bash", "zsh", "fish"]);
  const commands = words("");
  assert.deepEqual(commands.slice(0, 2), ["sessions", "purge"]);
  assert.equal(commands.at(-1), "help");
  assert.deepEqual(completed(["help", ""]), commands.slice(0, -1));
  assert.deepEqual(completed(["help", "sessions", ""]), ["list", "show", "end"]);
  assert.deepEqual(completed(["help", "stats", ""]), [""]);
  assert.deepEqual(completed(["sessionsx", ""]), completed([""]));
  assert.deepEqual(completed(["deliveries", "list", "--state", ""]), [
    ...["pending", "failed", "delivered"],
  ]);
  assert.deepEqual(completed(["purge", "--state", ""]), ["active", "expired", "any"]);
  assert.deepEqual(completed(["events", "--type", "session_c"]), ["session_created"]);
  assert.deepEqual(completed(["sessions", "list", "--order", "--state", "--no"]), ["--no-color"]);
  assert.deepEqual(completed(["sessions", "list", "--columns", "s"]), ["sessionId", "subjectId"]);
  assert.deepEqual(completed(["sessions", "list", "--columns", "issuer,us"]), ["issuer,userAgent"]);
  assert.deepEqual(completed(["sessions", "end", "--", ""]), [""]);
  assert.deepEqual(completed(["sessions", "end", "--", "--y"]), [""]);
  assert.deepEqual(completed(["sessions", ""]).slice(0, 3), ["list", "show", "end"]);
  assert.deepEqual(completed(["--url", "x", "sessions", "end", "--keep"]), [
    ...["--keep-session", "--keep-tokens", "--keep-consents"],
  ]);
  assert.deepEqual(completed(["sessions", "list", "--state", "a"]), ["active", "any"]);
  assert.deepEqual(completed(["sessions", "end", "bob-1", "--y"]), ["--yes"]);
  assert.deepEqual(completed(["sessions", "end", "--subject", ""]), [""]);
});

for (const [shell, script, expected] of [
  [
    "fish",
    `source $argv[1]; complete -C "rollcall --url x sessions "; complete -C "rollcall purge --state a"
     echo :; complete -C "rollcall help sessions "; complete -C "rollcall completion "
     echo :; complete -C "rollcall deliveries list --state "
     echo :; complete -C "rollcall sessions list --columns sess"
     echo :; complete -C "rollcall sessions end -- -"`,
    /^end\tend sessions[\s\S]*^list\tlist sessions[\s\S]*^active\t[\s\S]*^any\t[^\n]*\n:\nend\t[^\n]*\nlist\t[^\n]*\nshow\t[^\n]*\nbash\nfish\nzsh\n:\ndelivered\t[^\n]*\nfailed\t[^\n]*\npending\t[^\n]*\n:\nsessionId\t[^\n]*\n:\n$/m,
  ],
  [
    "zsh",
    `compdef() {}; compadd() { print -r -- "$@" }; _describe() { print -rl -- \${(P)2} }
     source "$1"
     words=(rollcall --url x sessions ""); CURRENT=5; _rollcall
     compset() {}
     words=(rollcall purge --state a); CURRENT=4; _rollcall
     words=(rollcall completion ""); CURRENT=3; _rollcall
     words=(rollcall help deliveries ""); CURRENT=4; _rollcall
     words=(rollcall deliveries list --state ""); CURRENT=5; _rollcall
     words=(rollcall sessions list --columns ""); CURRENT=5; _rollcall
     words=(rollcall sessions end -- ""); CURRENT=5; _rollcall`,
    /^list:list sessions[\s\S]*^end:end sessions[\s\S]*^-- active expired any\nbash:\nzsh:\nfish:\n--help:[^\n]*\nlist:[^\n]*\nretry:[^\n]*\n-- pending failed delivered\n-- sessionId [^\n]*\n$/m,
  ],
]) {
  test(`${shell} completes the same`, async (t) => {
    const { out, status } = await rollcall(["completion", shell]);
    assert.equal(status, 0);
    const file = join(api.folder, `completion.${shell}`);
    await writeFile(file, out);
    const args =
      shell === "fish" ? ["--no-config", "-c", script, file] : ["-fc", script, "-", file];
    let printed;
    try {
      printed = execFileSync(shell, args, { encoding: "utf8" });
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
      t.skip(`this machine has no ${shell}`);
      return;
    }
    assert.match(printed, expected);
  });
}

test("help of an unknown command exits with 2 and a suggestion", async () => {
  for (const [args, message] of [
    [["help", "sesions"], "unknown command `sesions`: did you mean `sessions`?"],
    [["help", "sessions", "lst"], "unknown command `lst`: did you mean `list`?"],
    [["help", "sessions", "end", "x"], "unknown command `x`"],
    [["sessions", "help", "ed"], "unknown command `ed`: did you mean `end`?"],
    [["help", "\u001b[2J"], "unknown command `\\u001b[2J`"],
  ]) {
    assert.deepEqual(await rollcall(args), { out: "", err: `error: ${message}\n`, status: 2 });
  }
  for (const args of [
    ["help", "sessions", "end"],
    ["sessions", "help", "end"],
  ]) {
    const { out, status } = await rollcall(args);
    assert.equal(status, 0);
    assert.match(out, /^Usage: rollcall sessions end /);
  }
  assert.deepEqual(await rollcall(["help"]), await rollcall(["--help"]));
});

test("an unsupported shell is refused", async () => {
  assert.equal((await rollcall(["completion", "tcsh"])).status, 2);
});
