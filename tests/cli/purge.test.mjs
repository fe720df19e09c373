// `rollcall purge`: its preview, the count that confirms it, its batches, and Ctrl-C between them.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { hasTerminal, inTerminal, provider, rows, SECRET } from "./support.mjs";

const COUNT = 12;

let api;
beforeEach(async () => {
  api = await provider();
  for (let index = 0; index < COUNT; index += 1) {
    await api.signIn(`s${index}`, `s${index}-1`, { displayName: "王小明", clients: ["shop"] });
  }
  await api.signIn("other", "other-1", { clients: ["web"] });
});
afterEach(() => api.close());

const noTerminal = { skip: hasTerminal ? false : "this machine has no `script`" };
const terminal = (args, typed = [], columns = 80) =>
  inTerminal(args, { env: { ROLLCALL_URL: api.url, ROLLCALL_TOKEN: SECRET }, typed, columns });

test("without a terminal the count must be given and correct", async () => {
  const none = await api.rollcall(["purge", "--client", "shop"], { input: "12\n" });
  assert.equal(none.status, 5);
  assert.equal(
    none.err,
    "error: not confirmed: 12 sessions match; without a terminal, `--confirm 12` is required\n",
  );
  const wrong = await api.rollcall(["purge", "--client", "shop", "--confirm", "11"]);
  assert.equal(wrong.status, 5);
  assert.equal(wrong.err, "error: not confirmed: 12 sessions match now, not 11\n");
  assert.equal((await api.left()).length, COUNT + 1);
});

test("the correct count ends the sessions in batches", async () => {
  api.requests.length = 0;
  const args = ["purge", "--client", "shop", "--confirm", "12", "--batch", "5"];
  const { out, err, status } = await api.rollcall(args);
  assert.equal(status, 0);
  assert.match(err, /^ended 12 sessions, 12 notifications: 12 delivered$/m);
  assert.equal(rows(out).length, COUNT + 1);
  assert.deepEqual(await api.left(), ["other/other-1"]);
  // The preview and three batches.
  assert.equal(api.requests.filter((one) => one.endsWith("/purge")).length, 4);
});

test("a dry run prints the preview", async () => {
  const { out, err, status } = await api.rollcall(["purge", "--client", "shop", "--dry-run"]);
  assert.equal(status, 0);
  assert.match(err, /^dry run: 12 sessions would end$/m);
  assert.equal(rows(out).length, COUNT + 1);
  const json = await api.rollcall(["purge", "--client", "shop", "--dry-run", "--json"]);
  assert.equal(JSON.parse(json.out).count, COUNT);
  assert.equal((await api.left()).length, COUNT + 1);
});

test("`--json` prints one report of all batches", async () => {
  const args = ["purge", "--everything", "--confirm", "13", "--batch", "4", "--json"];
  const { out, status } = await api.rollcall(args);
  assert.equal(status, 0);
  const report = JSON.parse(out);
  assert.deepEqual([report.sessionsRemoved, report.more, report.failed], [13, false, 0]);
  assert.equal(report.notifications.delivered, 13);
  assert.equal(report.deliveries.length, 13);
});

test("a skipped client is one row, regardless of the number of batches", async () => {
  for (const id of ["a", "b", "c"]) await api.signIn(id, id, { clients: ["silent"] });
  const args = ["purge", "--client", "silent", "--confirm", "3", "--batch", "1"];
  const { out, err } = await api.rollcall(args);
  assert.deepEqual(
    rows(out).map(([client, state]) => [client, state]),
    [
      ["clientId", "state"],
      ["silent", "skipped"],
    ],
  );
  assert.match(err, /^ended 3 sessions, 1 notification: 1 skipped$/m);
});

test("with `--quiet` an interrupted purge prints only how to continue", async () => {
  let child;
  let batches = 0;
  api.intercept(async (request) => {
    const { confirmToken } = await request.clone().json();
    if (confirmToken !== undefined) batches += 1;
    if (batches === 2) {
      child.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return undefined;
  });
  const args = ["purge", "--client", "shop", "--confirm", "12", "--batch", "5"];
  for (const [flag, expected] of [
    [
      "--quiet",
      "stopped: 10 ended, about 2 left; continue with:\n  rollcall --quiet purge --client shop --batch 5\n",
    ],
    [
      "--json",
      '{"type":"urn:rollcall:problem:interrupted","title":"Interrupted","code":"interrupted",' +
        '"detail":"stopped: 10 ended, about 2 left",' +
        '"continueWith":"rollcall --json purge --client shop --batch 5"}\n',
    ],
  ]) {
    batches = 0;
    const { err, status } = await api.rollcall([flag, ...args], {
      onStart: (started) => {
        child = started;
      },
    });
    assert.deepEqual([err, status], [expected, 130]);
    for (let index = 0; index < 10; index += 1) {
      await api.signIn(`t${index}`, `${flag}${index}`, { clients: ["shop"] });
    }
  }
});

test("a purge of everything needs `--everything`", async () => {
  for (const args of [[], ["--everything", "--client", "shop"], ["--client", ""]]) {
    const { status } = await api.rollcall(["purge", ...args, "--confirm", "13"]);
    assert.equal(status, 2, args.join(" "));
  }
  assert.equal((await api.left()).length, COUNT + 1);
});

test("a purge without matches succeeds", async () => {
  const { err, status } = await api.rollcall(["purge", "--client", "nobody"]);
  assert.deepEqual([err, status], ["ended 0 sessions, no notifications\n", 0]);
});

test("a stale preview exits with 5", async () => {
  api.intercept(async (request) => {
    const body = await request.clone().json();
    if (body.confirmToken === undefined) return undefined;
    return new Response(
      JSON.stringify({ code: "confirm_token_stale", detail: "no", status: 409 }),
      {
        status: 409,
      },
    );
  });
  const { err, status } = await api.rollcall(["purge", "--client", "shop", "--confirm", "12"]);
  assert.equal(status, 5);
  assert.match(err, /the sessions have changed since the preview: run the command again/);
});

test("a client that couldn't be notified exits with 6", async () => {
  await api.signIn("d", "d-1", { clients: ["down"] });
  assert.equal((await api.rollcall(["purge", "--client", "down", "--confirm", "1"])).status, 6);
});

test("Ctrl-C stops after the batch, and the printed command continues", async () => {
  const args = ["purge", "--client", "shop", "--created-after", "2h", "--reason", "it's 7"];
  let child;
  let batches = 0;
  api.intercept(async (request) => {
    const body = await request.clone().json();
    if (body.confirmToken === undefined) return undefined;
    batches += 1;
    if (batches === 2) {
      child.kill("SIGINT");
      await seen(/stopping after this batch/);
    }
    return undefined;
  });
  let printed = "";
  const waiting = [];
  const seen = (pattern) =>
    new Promise((resolve) => {
      waiting.push([pattern, resolve]);
      check();
    });
  const check = () => {
    for (const [pattern, resolve] of waiting) if (pattern.test(printed)) resolve();
  };
  const { err, status } = await api.rollcall([...args, "--confirm", "12", "--batch", "4"], {
    onStart: (started) => {
      child = started;
    },
    onError: (text) => {
      printed = text;
      check();
    },
  });
  assert.equal(status, 130);
  assert.match(err, /^ended 8 sessions/m);
  const [, command] = /stopped: 8 ended, about 4 left; continue with:\n {2}(.*)\n$/.exec(err);
  const time = /--created-after (\S+) /.exec(command)[1];
  assert.ok(Math.abs(Date.parse(time) - (Date.now() - 7_200_000)) < 600_000, time);
  assert.equal(
    command,
    `rollcall purge --client shop --created-after ${time} --reason 'it'\\''s 7' --batch 4`,
  );
  assert.equal((await api.left()).length, 5);
  const rest = command.replace(/^rollcall |--reason .*? 7' /g, "").split(" ");
  const again = await api.rollcall([...rest, "--confirm", "4"]);
  assert.equal(again.status, 0, again.err);
  assert.deepEqual(await api.left(), ["other/other-1"]);
});

test("a second Ctrl-C quits at once", async () => {
  let child;
  api.intercept(async (request) => {
    const body = await request.clone().json();
    if (body.confirmToken === undefined) return undefined;
    child.kill("SIGINT");
    return new Promise(() => {});
  });
  const { status } = await api.rollcall(["purge", "--client", "shop", "--confirm", "12"], {
    onStart: (started) => {
      child = started;
    },
    onError: (text, started) => {
      if (/stopping after this batch/.test(text)) started.kill("SIGINT");
    },
  });
  assert.equal(status, 130);
});

test("a failure between batches prints the ended sessions and how to continue", async () => {
  let batches = 0;
  api.intercept(async (request) => {
    const { confirmToken } = await request.clone().json();
    if (confirmToken !== undefined) batches += 1;
    return batches === 2 ? new Response("bad gateway", { status: 502 }) : undefined;
  });
  const args = ["purge", "--client", "shop", "--confirm", "12", "--batch", "5"];
  const { err, status } = await api.rollcall(args);
  assert.equal(status, 1);
  assert.match(err, /stopped: 5 ended, about 7 left; continue with:\n {2}rollcall purge --client/);
  assert.match(
    err,
    /error: `http:\/\/127.0.0.1:\d+\/admin\/v1\/sessions\/purge` answered with the status 502/,
  );
});

test("in a terminal the count must be typed", noTerminal, async () => {
  const question = /Type the number of sessions to end them:/;
  const wrong = await terminal(["purge", "--client", "shop"], [[question, "y\r"]]);
  assert.equal(wrong.status, 5);
  assert.match(wrong.screen, /This ends 12 sessions, among them:/);
  assert.equal((await api.left()).length, COUNT + 1);
  const right = await terminal(["purge", "--client", "shop", "--batch", "5"], [[question, "12\r"]]);
  assert.equal(right.status, 0);
  assert.match(right.screen, /5 of 12 sessions ended/);
  assert.deepEqual(await api.left(), ["other/other-1"]);
});

test("Ctrl-C in a terminal stops after the batch", noTerminal, async () => {
  let batches = 0;
  let release;
  const stopping = new Promise((resolve) => {
    release = resolve;
  });
  api.intercept(async (request) => {
    const { confirmToken } = await request.clone().json();
    if (confirmToken !== undefined) batches += 1;
    if (batches === 2) await stopping;
    return undefined;
  });
  const { screen, status } = await terminal(
    ["purge", "--client", "shop", "--batch", "5"],
    [
      [/Type the number of sessions to end them:/, "12\r"],
      [/5 of 12 sessions ended/, "\u0003"],
      [/stopping after this batch/, () => release()],
    ],
  );
  assert.equal(status, 130);
  assert.match(screen, /stopping after this batch; Ctrl-C again quits at once/);
  assert.match(screen, /stopped: 10 ended, about 2 left; continue with:/);
  assert.equal((await api.left()).length, 3);
});

test("a day that doesn't exist is refused: the purge would end more sessions than intended", async () => {
  for (const [flag, time] of [
    ["--created-before", "2027-02-31"],
    ["--created-before", "2027-02-29T12:00:00Z"],
    ["--expires-after", "2027-04-31T12:00Z"],
    ["--created-after", "2027-01-01T24:00:00Z"],
  ]) {
    const { err, status } = await api.rollcall(["purge", flag, time, "--confirm", "13"]);
    assert.equal(status, 2, `${flag} ${time}`);
    assert.match(err, /^error: `--\w+-\w+` must be a time such as /);
  }
  const without = await api.rollcall([
    "purge",
    "--created-before",
    "2099-12-31T12:00Z",
    "--dry-run",
  ]);
  assert.match(without.err, /^dry run: 13 sessions would end$/m);
  assert.equal((await api.left()).length, COUNT + 1);
});

test("a repeated flag is refused: the first value would be ignored", async () => {
  for (const [args, flag] of [
    [["purge", "--client", "shop", "--client", "web", "--confirm", "1"], "--client"],
    [["purge", "--subject", "s1", "--subject", "s2", "--confirm", "1"], "--subject"],
    [
      ["purge", "--created-after", "2h", "--created-after", "1h", "--confirm", "1"],
      "--created-after",
    ],
    [["sessions", "list", "--search", "", "--search", "x"], "--search"],
    [["deliveries", "list", "--state", "failed", "--state", "pending"], "--state"],
    [["sessions", "end", "--subject", "s1", "--subject", "s2", "--yes"], "--subject"],
  ]) {
    const { err, status } = await api.rollcall(args);
    assert.equal(status, 2, args.join(" "));
    assert.equal(err, `error: \`${flag}\` was given twice: give it once\n`);
  }
  assert.equal((await api.left()).length, COUNT + 1);
  // These flags accept several values.
  const several = ["sessions", "end", "--subject", "s1", "--client", "shop", "--client", "web"];
  assert.equal((await api.rollcall([...several, "--dry-run"])).status, 0);
});
