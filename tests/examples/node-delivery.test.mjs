/** `examples/node-delivery` on Node, with a timer. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { TicketStore } from "rollcall";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";
import { ISSUER, providerKey, relyingParty } from "./relying-party.mjs";

const PROGRAM = fileURLToPath(new URL("../../examples/node-delivery/server.mjs", import.meta.url));
const ADMIN_TOKEN = "the administrator's";

describe("a back end on Node", () => {
  let answer = () => 200;
  let folder;
  let shop;
  let program;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "rollcall-node-delivery-"));
    const { signingKeys, keys } = await providerKey();
    shop = await relyingParty({ keys, answer: (number) => answer(number) });
    const database = join(folder, "sessions.db");
    await signIn(database, ["alice", "bob"]);
    program = await start({
      DATABASE: database,
      ISSUER,
      ADMIN_TOKEN,
      SIGNING_KEYS: JSON.stringify(signingKeys),
      CLIENTS: JSON.stringify([shop.client]),
      DELIVERY: JSON.stringify({ firstRetry: 1 }),
      INTERVAL: "50",
      PORT: "0",
      ALLOW_INSECURE: "1",
    });
  });
  after(async () => {
    program?.kill("SIGKILL");
    await shop?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  test("is only for administrators", async () => {
    assert.equal((await program.call("DELETE", "/sessions?subject=alice", "another")).status, 401);
    assert.equal((await program.call("DELETE", "/sessions")).status, 400);
    assert.equal((await program.call("GET", "/sessions")).status, 404);
  });

  test("notifies a client during the call if it answers", async () => {
    const report = await (await program.call("DELETE", "/sessions?subject=alice")).json();
    assert.deepEqual(report.notifications, { delivered: 1, pending: 0, failed: 0, skipped: 0 });
    assert.equal((await shop.received(1))[0].sub, "alice");
  });

  test("retries with its timer", async () => {
    answer = (number) => (number < 3 ? 503 : 200);
    const report = await (await program.call("DELETE", "/sessions?subject=bob")).json();
    assert.equal(report.sessionsRemoved, 1);
    assert.equal(report.notifications.pending, 1);
    const tokens = await shop.received(4);
    assert.deepEqual(
      tokens.map(({ sub }) => sub),
      ["alice", "bob", "bob", "bob"],
    );
    const told = await program.event(
      ({ type, subjectId }) => type === "notification_delivered" && subjectId === "bob",
    );
    assert.equal(told.attempts, 3);
  });

  test("stops on a signal", async () => {
    program.kill("SIGTERM");
    const [code] = await program.exit;
    assert.equal(code, 0);
    assert.equal(program.lines.at(-1), "stopped");
  });
});

/** Signs a user in, like the sign-in path. */
async function signIn(file, subjectIds) {
  const client = createClient({ url: `file:${file}` });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  await migrate(kysely, { dialect: "sqlite" });
  const tickets = new TicketStore(sqlStores(kysely, { dialect: "sqlite" }), {
    keys: { current: "1", keys: { 1: new Uint8Array(32) } },
  });
  for (const subjectId of subjectIds) await tickets.store({ subjectId, clients: ["shop"] });
  await kysely.destroy();
  client.close();
}

/** Starts the program, and waits until it listens. */
async function start(environment) {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "close");
  const lines = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));

  /** Waits for a line for which `find` returns a value, including earlier lines. */
  const first = (find) =>
    new Promise((resolve, reject) => {
      const look = (line) => {
        const found = find(line);
        if (found !== undefined) resolve(found);
      };
      lines.forEach(look);
      output.on("line", look);
      output.on("close", () => reject(new Error(`the program ended:\n${lines.join("\n")}`)));
    });

  const port = await first((line) => /^listening on .*port: (\d+)/.exec(line)?.[1]);
  return {
    lines,
    exit,
    kill: (signal) => child.kill(signal),
    /** Calls it as an administrator. */
    call: (method, path, token = ADMIN_TOKEN) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, connection: "close" },
      }),
    /** The first event that matches. */
    event: (fits) =>
      first((line) => {
        const event = line.startsWith("{") ? JSON.parse(line) : undefined;
        return event !== undefined && fits(event) ? event : undefined;
      }),
  };
}
