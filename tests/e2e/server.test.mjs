/**
 * The program itself: its options, its files, restarts, and sample sessions.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createClient } from "@libsql/client";
import { SessionCoordination } from "rollcall";
import { madeUpSessions } from "../../examples/identity-provider/made-up/sessions.mjs";
import { ABSOLUTE_LIFETIME } from "../../examples/identity-provider/provider/coordination.mjs";
import { openStorage } from "../../examples/identity-provider/storage.mjs";
import { FIRST_PORT, Servers } from "../../examples/identity-provider/web/ports.mjs";
import { browserForSuite, withoutChromium } from "../console/support/chromium.mjs";
import { runExample, startExample, temporaryFolder } from "./support/example.mjs";
import {
  callAdminApi,
  sessionsOf,
  signInAtApplication,
  signInAtProvider,
} from "./support/visitor.mjs";

describe("the program", () => {
  let data;
  before(async () => {
    data = await temporaryFolder();
  });
  after(() => data?.remove());

  test("prints its usage and its errors", async () => {
    const help = await runExample("--help");
    assert.equal(help.code, 0);
    assert.match(help.output, /--data FILE/);
    for (const [wrong, message] of [
      [["--fill", "many"], "--fill takes a whole number up to 100000000, not `many`"],
      [["--fill", "-3"], "--fill takes a whole number up to 100000000, not `-3`"],
      [["--port", "70000"], "--port takes a whole number up to 65532, not `70000`"],
      [["--port"], "--port takes a value: `--help` lists the options"],
      [["--port", "--fill", "3"], "--port takes a value: `--help` lists the options"],
      [["--colour", "red"], "unknown option `--colour`: `--help` lists the options"],
      [["extra"], "unexpected argument `extra`: `--help` lists the options"],
      [["--data", ""], "--data must not be blank: give a file"],
      [["--data", data.folder], `\`${data.folder}\` is a folder: give a file with --data`],
    ]) {
      const ended = await runExample("--data", join(data.folder, "unused.db"), ...wrong);
      assert.deepEqual([complaint(ended), ended.code], [`error: ${message}`, 2]);
    }
    await assert.rejects(stat(join(data.folder, "unused.db")), { code: "ENOENT" });
  });

  test("restricts its secrets to its owner, and ends on a signal", async () => {
    const file = join(data.folder, "folder", "sessions.db");
    const example = await startExample(file);
    const secrets = `${file}.secrets.json`;
    if (process.platform !== "win32") {
      for (const path of [secrets, file])
        assert.equal((await stat(path)).mode & 0o777, 0o600, path);
    }
    const text = await readFile(secrets, "utf8");
    assert.equal(await example.stop(), 0);

    const again = await startExample(file);
    assert.equal(await readFile(secrets, "utf8"), text);
    assert.equal(await again.stop(), 0);
  });

  test("reports a taken port", async () => {
    const file = join(data.folder, "port.db");
    const example = await startExample(file);
    const { port } = new URL(example.issuer);
    const same = await runExample("--data", join(data.folder, "other.db"), "--port", port);
    assert.equal(same.code, 1);
    const advice = "stop the program that has it, or give another with --port";
    assert.equal(complaint(same), `error: port ${port} is taken: ${advice}`);

    // The provider's own port is free here, but the next one is taken.
    const before = Number(port) - 1;
    const next = await runExample("--data", join(data.folder, "other.db"), "--port", `${before}`);
    assert.equal(next.code, 1);
    assert.match(complaint(next), /^error: port \d+ is taken: /);
    await example.stop();
  });

  test("uses the same ports at each start, and the next ones if they are taken", async () => {
    const lines = [];
    const open = () => Servers.open(4, undefined, (line) => lines.push(line));
    const take = (servers) => Array.from({ length: 4 }, () => servers.next().port);

    // Another local program may use these ports, so only the order is compared.
    const first = await open();
    const taken = take(first);
    const said = lines.length;
    assert.equal(taken[0], FIRST_PORT + 10 * said);
    assert.deepEqual(
      taken,
      [0, 1, 2, 3].map((number) => taken[0] + number),
    );

    const second = await open();
    const others = take(second);
    assert.ok(others[0] > taken[3], `${others}`);
    assert.ok(
      lines.includes(`port ${taken[0]} is taken: trying ${taken[0] + 10} and the next`),
      lines.join("\n"),
    );
    await second.close();
    await first.close();

    const again = await open();
    assert.deepEqual(take(again), taken);
    await again.close();
  });

  test("reports a new folder", async () => {
    const folder = join(data.folder, "made", "by-it");
    const example = await startExample(join(folder, "sessions.db"));
    assert.match(example.output(), /^made the folder .*made$/m);
    await example.stop();
    const again = await startExample(join(folder, "sessions.db"));
    assert.doesNotMatch(again.output(), /made the folder/);
    await again.stop();
  });

  test("reports an unusable file in one line with advice", async () => {
    const old = join(data.folder, "old.db");
    const client = createClient({ url: `file:${old}` });
    await client.batch([
      "create table rollcall_migrations (version integer primary key, applied integer not null)",
      "insert into rollcall_migrations values (1, 0)",
      "create table rollcall_sessions (key text primary key)",
    ]);
    client.close();
    const other = join(data.folder, "other.txt");
    await writeFile(other, "This is no database.\n".repeat(100));

    const newer = join(data.folder, "newer.db");
    await (await openStorage(newer, () => {})).close();
    const changed = createClient({ url: `file:${newer}` });
    await changed.execute("insert into rollcall_migrations values (99, 0)");
    changed.close();

    const advice = "give another file with --data";
    for (const [file, message] of [
      [old, `\`${old}\` is of an earlier version of Rollcall: remove it, or ${advice}`],
      [newer, `\`${newer}\` is of a later version of Rollcall: update this one, or ${advice}`],
      [other, `\`${other}\` is no SQLite database: ${advice}`],
    ]) {
      const ended = await runExample("--data", file, "--port", "0");
      assert.equal(ended.code, 1);
      assert.equal(complaint(ended), `error: ${message}`);
      await assert.rejects(stat(`${file}.secrets.json`), { code: "ENOENT" });
    }
  });

  test("sample sessions are removed when they expire, and not before", async () => {
    const now = Date.now();
    const options = { seed: 1, now, absoluteLifetime: ABSOLUTE_LIFETIME };
    for (const { created, renewed, expires } of madeUpSessions(2_000, options)) {
      assert.ok(created <= renewed && renewed <= now);
      assert.ok(renewed <= expires && expires <= created + ABSOLUTE_LIFETIME);
    }

    const storage = await openStorage(join(data.folder, "made-up.db"), () => {});
    await storage.fill(500, () => {});
    const { sessions } = storage.stores;
    const expiredAt = Date.now();
    const expired = await sessions.count({ expiredAt });
    assert.ok(expired > 0 && expired < 500, `${expired}`);
    const host = {
      ...storage.stores,
      clients: () => undefined,
      absoluteLifetime: ABSOLUTE_LIFETIME,
      sendLogout: () => ({ status: 204 }),
      now: () => expiredAt,
    };
    const pass = await new SessionCoordination(host, {}).removeExpiredSessions({ batchSize: 1000 });
    assert.equal(pass.processed, expired);
    assert.equal(await storage.count(), 500 - expired);
    await storage.close();
  });
});

/** The error of the program, without the warnings of its libraries. */
function complaint({ errors }) {
  return errors
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("oidc-provider WARNING"))
    .join("\n");
}

describe("the program's data", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  let data;
  before(async () => {
    data = await temporaryFolder();
  });
  after(() => data?.remove());

  test("a session survives a restart, even on another port", () =>
    withPage({}, async (page) => {
      const file = join(data.folder, "restart.db");
      const first = await startExample(file);
      await signInAtApplication(page, first.notes, "alice");
      await page.goto(`${first.issuer}/`);
      const sessionId = await page.getByTestId("session-id").textContent();
      // An open page could still send requests to its server.
      await page.goto("about:blank");
      await first.stop();

      const second = await startExample(file);
      try {
        assert.match(second.output(), /\(1 session\)/);
        await page.goto(`${second.issuer}/`);
        assert.equal(await page.getByTestId("session-id").textContent(), sessionId);
        // Without a password: the application has lost its memory, but the consent is stored.
        await signInAtApplication(page, second.notes);

        await withPage({}, async (admin) => {
          await signInAtProvider(admin, second.issuer, "carol");
          const { body: report } = await callAdminApi(admin, "sessions/remove", { sessionId });
          assert.deepEqual(
            report.deliveries.map(({ clientId, state }) => ({ clientId, state })),
            [{ clientId: "notes", state: "delivered" }],
          );
        });
        await page.locator('[data-status="ended"]').waitFor();
      } finally {
        await second.stop();
      }
    }));

  test("sample sessions are listed, end, and are the same each time, except for their keys", () =>
    withPage({}, async (admin) => {
      const examples = await Promise.all(
        ["a.db", "b.db"].map((name) => startExample(join(data.folder, name), "--fill", "3000")),
      );
      try {
        const listings = [];
        for (const { issuer, output } of examples) {
          assert.match(output(), /\(3,000 sessions\)/);
          await signInAtProvider(admin, issuer, "carol");
          const { body } = await callAdminApi(admin, "sessions/query", {
            countRequested: 1000,
            order: "oldest",
          });
          assert.equal(body.totalCount, 3001);
          listings.push(
            body.results.map(
              ({ sessionId, subjectId, displayName }) => `${sessionId} ${subjectId} ${displayName}`,
            ),
          );
        }
        assert.deepEqual(new Set(listings[0]).size, 1000);
        // Their times count back from the start, so both listings begin with the same session.
        assert.deepEqual(listings[0], listings[1]);

        const expired = await callAdminApi(admin, "sessions/query", {
          state: "expired",
          count: "exact",
          countRequested: 1,
        });
        assert.ok(
          expired.body.totalCount > 100 && expired.body.totalCount < 2900,
          `${expired.body.totalCount} expired`,
        );
        const named = await callAdminApi(admin, "sessions/query", {
          displayName: "ŻÓŁKIEWSKI",
          countRequested: 1,
        });
        assert.ok(named.body.totalCount > 0);
      } finally {
        await Promise.all(examples.map((example) => example.stop()));
      }
    }));

  test("a report has clients of every kind", () =>
    withPage({}, async (admin) => {
      const example = await startExample(join(data.folder, "report.db"), "--fill", "2000");
      try {
        await signInAtProvider(admin, example.issuer, "carol");
        const outcomes = {};
        for (const clientId of ["payroll", "warehouse", "crm", "archive", "intranet"]) {
          const { body } = await callAdminApi(admin, "sessions/query", {
            clientId,
            countRequested: 1,
          });
          const [{ sessionId }] = body.results;
          const answer = await callAdminApi(admin, "sessions/remove", { sessionId });
          const delivery = answer.body.deliveries.find(
            (delivery) => delivery.clientId === clientId,
          );
          outcomes[clientId] = [delivery.state, delivery.status];
          assert.ok(delivery.state === "delivered" || delivery.error, clientId);
        }
        assert.deepEqual(outcomes, {
          payroll: ["delivered", 204],
          warehouse: ["pending", 503],
          crm: ["failed", 404],
          archive: ["skipped", undefined],
          intranet: ["skipped", undefined],
        });
        assert.equal((await sessionsOf(admin, "carol")).length, 1);
      } finally {
        await example.stop();
      }
    }));
});
