// Several connections and processes on one file.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { migrate } from "../../pkg/sql.js";
import { namedStores } from "./names.mjs";
import { fullSession, keysOf, session } from "./samples.mjs";
import { notices, notified, step } from "./steps.mjs";
import { openAt, openEmpty, openStores } from "./support.mjs";

const WORKER = fileURLToPath(new URL("concurrency-worker.mjs", import.meta.url));

async function runWorker(engineName, file, name) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const worker = spawn(process.execPath, [WORKER, engineName, file, name], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    worker[stream].setEncoding("utf8").on("data", (text) => {
      output[stream] += text;
    });
  }
  const [status] = await once(worker, "close");
  assert.equal(status, 0, output.stderr);
  return JSON.parse(output.stdout);
}

export function testConcurrency(engine) {
  describe(`concurrency on ${engine.name}`, () => {
    test("the file is in WAL mode", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, engine.options);
      const [{ journal_mode: mode }] = await database.query("pragma journal_mode");
      assert.equal(mode, "wal");
    });

    test("several processes work on one file without errors", async (t) => {
      const file = await engine.place(t);
      // Each process migrates too; the first one creates the tables.
      const results = await Promise.all(
        ["p", "q", "r"].map((name) => runWorker(engine.name, file, name)),
      );
      const { kysely } = openAt(t, engine, file);
      const { sessions, outbox } = namedStores(kysely, engine.options);
      const clients = (await sessions.get("shared")).clients.map(({ clientId }) => clientId);
      assert.deepEqual(
        clients.sort(),
        results.flatMap(({ clients }) => clients).sort(),
        "no client is lost",
      );
      const removed = results.flatMap(({ removed }) => removed);
      assert.equal(new Set(removed).size, removed.length, "each session is removed once");
      const claimed = results.flatMap(({ claimed }) => claimed);
      assert.equal(new Set(claimed).size, claimed.length, "each notification is claimed once");
      assert.equal(
        (await outbox.list({})).length,
        results.reduce((sum, { recorded }) => sum + recorded.length, 0),
      );
    });

    test("several connections of one process wait for each other without blocking it", async (t) => {
      const stores = await openStores(t, engine);
      const { place: file } = stores;
      const others = Array.from({ length: 4 }, () =>
        namedStores(openAt(t, engine, file).kysely, engine.options),
      );
      await stores.sessions.create(session("shared"));
      const work = [stores, ...others].flatMap(({ sessions, atomic, outbox }, connection) =>
        Array.from({ length: 10 }, async (_, n) => {
          const key = `${connection}, ${n}`;
          await sessions.create(fullSession(key));
          await sessions.addClient("shared", { clientId: key }, 2_000);
          const notify = notices({ clients: [notified("forum", "session")], others: false });
          await atomic.endSessions(step({ keys: [key], notify }));
          await outbox.claim({ now: 2_000, limit: 3, leaseFor: 10 });
          await sessions.list({ filter: {}, order: "newest", limit: 10 });
        }),
      );
      await Promise.all(work);
      assert.equal((await stores.sessions.get("shared")).clients.length, 50);
      assert.deepEqual(
        keysOf((await stores.sessions.list({ filter: {}, order: "newest", limit: 100 })).sessions),
        ["shared"],
      );
      assert.equal((await stores.outbox.list({})).length, 50);
    });

    test("a call that waits too long fails with the driver's error, changes nothing and can be repeated", async (t) => {
      const stores = await openStores(t, engine);
      const { place: file } = stores;
      const other = openAt(t, engine, file);
      await migrate(other.kysely, engine.options);
      const impatient = namedStores(other.kysely, { ...engine.options, busyTimeout: 30 });
      await stores.sessions.create(fullSession("a"));
      await stores.kysely.transaction().execute(async (transaction) => {
        const holder = namedStores(transaction, engine.options);
        await holder.sessions.update("a", { renewed: 9_000 });
        await assert.rejects(
          async () => impatient.sessions.create(fullSession("b")),
          /database is locked/,
        );
        await assert.rejects(
          async () => impatient.sessions.update("a", { renewed: 1 }),
          /database is locked/,
        );
        assert.equal(
          (await impatient.sessions.get("a")).renewed,
          2_000,
          "readers see committed data only",
        );
      });
      // Each call succeeds on the connections that were refused, in a transaction and without one.
      for (let n = 0; n < 5; n += 1) {
        await impatient.sessions.create(fullSession(`later ${n}`));
        assert.equal(await impatient.sessions.update("a", { renewed: n }), true);
      }
      assert.equal((await stores.sessions.get("a")).renewed, 4);
      assert.equal(await stores.sessions.count({}), 6);
    });

    test("200 concurrent calls all succeed", async (t) => {
      const { sessions } = await openStores(t, engine);
      await Promise.all(
        Array.from({ length: 200 }, (_, n) => sessions.create(fullSession(`${n}`))),
      );
      const pages = await Promise.all(
        Array.from({ length: 200 }, () => sessions.list({ filter: {}, order: "newest", limit: 5 })),
      );
      assert.ok(pages.every((page) => page.sessions.length === 5));
      const removed = await Promise.all(
        Array.from({ length: 200 }, (_, n) => sessions.remove([`${n}`])),
      );
      assert.equal(removed.flat().length, 200);
    });
  });
}
