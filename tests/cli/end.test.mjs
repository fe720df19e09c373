// `rollcall sessions end`: its confirmation, the sessions that it ends, and its exit statuses.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { hasTerminal, inTerminal, provider, rows, SECRET } from "./support.mjs";

let api;
beforeEach(async () => {
  api = await provider();
  await api.signIn("12345", "bob-1", { displayName: "Bob Baker" });
  await api.signIn("12345", "bob-2", { displayName: "Bob Baker" });
  await api.signIn("eve", "-eve");
});
afterEach(() => api.close());

const ALL = ["12345/bob-1", "12345/bob-2", "eve/-eve"];
const terminal = (args, options = {}) =>
  inTerminal(args, { env: { ROLLCALL_URL: api.url, ROLLCALL_TOKEN: SECRET }, ...options });
const noTerminal = { skip: hasTerminal ? false : "this machine has no `script`" };

test("without a terminal no session ends without `--yes`", async () => {
  const { out, err, status } = await api.rollcall(["sessions", "end", "--subject", "12345"], {
    input: "y\n",
  });
  assert.equal(status, 5);
  assert.equal(out, "");
  assert.equal(
    err,
    "ends 2 sessions of Bob Baker (12345), notifies shop and web\n" +
      "error: not confirmed: without a terminal, `--yes` is required\n",
  );
  assert.deepEqual(await api.left(), ALL);
});

test("`--yes` ends them, and prints the notifications", async () => {
  const args = ["sessions", "end", "--subject", "12345", "--yes", "--reason", "lost laptop"];
  const { out, err, status } = await api.rollcall(args);
  assert.equal(status, 0);
  assert.match(err, /^ended 2 sessions, 4 notifications: 4 delivered$/m);
  const [head, ...lines] = rows(out);
  assert.deepEqual(head.slice(0, 2), ["clientId", "state"]);
  assert.deepEqual(lines.map(([client, state]) => `${client} ${state}`).sort(), [
    ...["shop delivered", "shop delivered", "web delivered", "web delivered"],
  ]);
  assert.deepEqual(await api.left(), ["eve/-eve"]);
});

test("`--quiet` omits the messages, and `--json` prints the report", async () => {
  const args = ["--quiet", "sessions", "end", "bob-1", "--yes", "--json"];
  const { out, err, status } = await api.rollcall(args);
  assert.deepEqual([err, status], ["", 0]);
  const { sessionsRemoved, dryRun } = JSON.parse(out);
  assert.deepEqual([sessionsRemoved, dryRun], [1, false]);
});

test("a dry run changes nothing", async () => {
  const { err, status } = await api.rollcall(["sessions", "end", "bob-1", "--dry-run"]);
  assert.equal(status, 0);
  assert.match(err, /^dry run: ends 1 session of Bob Baker \(12345\), notifies shop and web$/m);
  const json = await api.rollcall(["sessions", "end", "bob-1", "--dry-run", "--json"]);
  assert.equal(JSON.parse(json.out).dryRun, true);
  assert.deepEqual(await api.left(), ALL);
});

test("several ids are ended in one call, and unknown ones are named", async () => {
  api.requests.length = 0;
  const args = ["sessions", "end", "--yes", "--", "bob-1", "gone", "-eve"];
  const { err, status } = await api.rollcall(args);
  assert.equal(status, 0);
  assert.match(err, /^note: no session has the id `gone`$/m);
  assert.deepEqual(await api.left(), ["12345/bob-2"]);
  assert.equal(api.requests.filter((one) => one.endsWith("/remove")).length, 2);
});

test("unknown ids exit with 4", async () => {
  for (const ids of [["gone"], ["gone", "away"]]) {
    assert.equal((await api.rollcall(["sessions", "end", "--yes", ...ids])).status, 4);
  }
  const foreign = await api.rollcall(["sessions", "end", "bob-1", "--subject", "eve", "--yes"]);
  assert.equal(foreign.status, 4);
  assert.deepEqual(await api.left(), ALL);
});

test("an id of several subjects ends nothing without the subject", async () => {
  await api.signIn("eve", "bob-1");
  const several = await api.rollcall(["sessions", "end", "bob-1", "--yes"]);
  assert.equal(several.status, 2);
  assert.match(several.err, /give `--subject (eve|12345)` or `--subject (eve|12345)`/);
  await api.rollcall(["sessions", "end", "bob-1", "--subject", "eve", "--yes"]);
  assert.deepEqual(await api.left(), ALL);
});

test("the flags set the API's members", async () => {
  const bodies = [];
  api.intercept(async (request) => {
    if (request.url.endsWith("/remove")) bodies.push(await request.clone().json());
    return undefined;
  });
  await api.rollcall([
    ...["sessions", "end", "--subject", "12345", "--except", "bob-1", "--except", "-x"],
    ...["--client", "shop", "--keep-session", "--keep-tokens", "--keep-consents"],
    ...["--no-notify", "--reason", "why", "--include-own", "--dry-run"],
  ]);
  assert.deepEqual(bodies, [
    {
      subjectId: "12345",
      exceptSessionIds: ["bob-1", "-x"],
      includeOwn: true,
      revokeTokens: false,
      revokeConsents: false,
      sendBackchannelLogoutNotification: false,
      reason: "why",
      clientIds: ["shop"],
      removeServerSideSession: false,
      dryRun: true,
    },
  ]);
});

test("usage errors exit with 2 and end nothing", async () => {
  for (const args of [
    ["sessions", "end"],
    ["sessions", "end", "--subject", ""],
    ["sessions", "end", "bob-1", "--except", "bob-2"],
    ["sessions", "end", "bob-1", ""],
    ["sessions", "end", ...Array.from({ length: 501 }, (_, index) => `s${index}`)],
  ]) {
    assert.equal((await api.rollcall([...args, "--yes"])).status, 2, args.slice(0, 5).join(" "));
  }
  assert.deepEqual(await api.left(), ALL);
});

test("a client that couldn't be notified exits with 6", async () => {
  await api.signIn("d", "d-1", { clients: ["down", "web"] });
  const down = await api.rollcall(["sessions", "end", "d-1", "--yes"]);
  assert.equal(down.status, 6);
  assert.match(down.err, /not every client could be notified: see `rollcall deliveries list`/);
  assert.match(down.out, /^down\tfailed\t\td-1\tit is down\t1\t/m);
  await api.signIn("s", "s-1", { clients: ["slow"] });
  const slow = await api.rollcall(["sessions", "end", "s-1", "--yes"]);
  assert.equal(slow.status, 6);
  // A client without an address can't be notified.
  await api.signIn("n", "n-1", { clients: ["silent"] });
  const silent = await api.rollcall(["sessions", "end", "n-1", "--yes"]);
  assert.equal(silent.status, 0);
  assert.match(silent.err, /can't notify silent/);
});

test("a reader that closes the pipe early affects neither the removal nor its status", async () => {
  await api.signIn("d", "d-1", { clients: ["down"] });
  await api.signIn("e", "e-1", { clients: ["down"] });
  const onStart = (child) => child.stdout.destroy();
  const ended = await api.rollcall(["sessions", "end", "d-1", "--yes"], { onStart });
  assert.equal(ended.status, 6);
  assert.match(ended.err, /^not every client could be notified/m);
  const purged = await api.rollcall(["purge", "--subject", "e", "--confirm", "1"], { onStart });
  assert.equal(purged.status, 6);
  assert.deepEqual(await api.left(), ALL);
});

test("a missing reason that the API requires exits with 2", async () => {
  const strict = await provider({ requireReason: true });
  try {
    await strict.signIn("a", "a-1");
    const { err, status } = await strict.rollcall(["sessions", "end", "a-1", "--yes"]);
    assert.equal(status, 2);
    assert.match(err, /error: this API asks for a reason: give `--reason`/);
    assert.deepEqual(await strict.left(), ["a/a-1"]);
  } finally {
    await strict.close();
  }
});

test("a terminal shows the dry run, and only `y` ends the sessions", noTerminal, async () => {
  for (const answer of ["n\r", "\r", "\u0004"]) {
    const { screen, status } = await terminal(["sessions", "end", "--subject", "12345"], {
      typed: [[/End them\? \(y\/N\)/, answer]],
    });
    assert.match(screen, /^ends 2 sessions of Bob Baker \(12345\), notifies shop and web$/m);
    assert.match(screen, /error: not confirmed: nothing was changed/);
    assert.equal(status, 5, JSON.stringify(answer));
  }
  const interrupted = await terminal(["sessions", "end", "--subject", "12345"], {
    typed: [[/End them\? \(y\/N\)/, "\u0003"]],
  });
  assert.equal(interrupted.status, 130);
  assert.deepEqual(await api.left(), ALL);
  const { screen, status } = await terminal(["sessions", "end", "--subject", "12345"], {
    typed: [[/End them\? \(y\/N\)/, "y\r"]],
  });
  assert.equal(status, 0);
  assert.match(screen, /ended 2 sessions, 4 notifications: 4 delivered/);
  assert.deepEqual(await api.left(), ["eve/-eve"]);
});
