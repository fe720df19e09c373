/**
 * The program itself: its options, its files, restarts, and made-up sessions.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { SessionCoordination } from "rollcall";
import { madeUpSessions } from "../../examples/identity-provider/made-up/sessions.mjs";
import { ABSOLUTE_LIFETIME } from "../../examples/identity-provider/provider/coordination.mjs";
import { openStorage } from "../../examples/identity-provider/storage.mjs";
import { browserForSuite, withoutChromium } from "../browser/chromium.mjs";
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

  test("says how it is used, and what is wrong", async () => {
    const help = await runExample("--help");
    assert.equal(help.code, 0);
    assert.match(help.output, /--data FILE/);
    for (const wrong of [
      ["--fill", "many"],
      ["--fill", "-1"],
      ["--port", "70000"],
      ["--colour", "red"],
      ["extra"],
    ]) {
      const { code, output } = await runExample("--data", join(data.folder, "unused.db"), ...wrong);
      assert.equal(code, 1, wrong.join(" "));
      assert.match(output, /^error: /m, wrong.join(" "));
    }
    await assert.rejects(stat(join(data.folder, "unused.db")), { code: "ENOENT" });
  });

  test("keeps its secrets to its owner, and ends at a signal", async () => {
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

  test("says when its port is taken", async () => {
    const file = join(data.folder, "port.db");
    const example = await startExample(file);
    const { port } = new URL(example.issuer);
    const { code, output } = await runExample(
      "--data",
      join(data.folder, "other.db"),
      "--port",
      port,
    );
    assert.equal(code, 1);
    assert.match(output, /^error: .*EADDRINUSE/m);
    await example.stop();
  });

  test("made-up sessions are removed when they expire, and not before", async () => {
    const now = Date.now();
    const options = { seed: 1, now, absoluteLifetime: ABSOLUTE_LIFETIME };
    for (const { created, renewed, expires } of madeUpSessions(2_000, options)) {
      assert.ok(created <= renewed && renewed <= now);
      assert.ok(renewed <= expires && expires <= created + ABSOLUTE_LIFETIME);
    }

    const storage = await openStorage(join(data.folder, "made-up.db"));
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

describe("the program's data", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  let data;
  before(async () => {
    data = await temporaryFolder();
  });
  after(() => data?.remove());

  test("a session lasts over a restart, even on another port", () =>
    withPage({}, async (page) => {
      const file = join(data.folder, "restart.db");
      const first = await startExample(file);
      await signInAtApplication(page, first.notes, "alice");
      await page.goto(`${first.issuer}/`);
      const sessionId = await page.getByTestId("session-id").textContent();
      await first.stop();

      const second = await startExample(file);
      try {
        assert.match(second.output(), /\(1 session\)/);
        await page.goto(`${second.issuer}/`);
        assert.equal(await page.getByTestId("session-id").textContent(), sessionId);
        // Without a password. The application's memory is gone; the consent is not.
        await signInAtApplication(page, second.notes);

        await withPage({}, async (admin) => {
          await signInAtProvider(admin, second.issuer, "carol");
          const { body: report } = await callAdminApi(admin, "remove", { sessionId });
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

  test("made-up sessions are listed, end, and are the same each time but for their keys", () =>
    withPage({}, async (admin) => {
      const examples = await Promise.all(
        ["a.db", "b.db"].map((name) => startExample(join(data.folder, name), "--fill", "3000")),
      );
      try {
        const listings = [];
        for (const { issuer, output } of examples) {
          assert.match(output(), /\(3,000 sessions\)/);
          await signInAtProvider(admin, issuer, "carol");
          const { body } = await callAdminApi(admin, "query", {
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
        // Their times count back from the start, so the two begin at the same session.
        assert.deepEqual(listings[0], listings[1]);

        const expired = await callAdminApi(admin, "query", {
          state: "expired",
          count: "exact",
          countRequested: 1,
        });
        assert.ok(
          expired.body.totalCount > 100 && expired.body.totalCount < 2900,
          `${expired.body.totalCount} expired`,
        );
        const named = await callAdminApi(admin, "query", {
          displayName: "ŻÓŁKIEWSKI",
          countRequested: 1,
        });
        assert.ok(named.body.totalCount > 0);
      } finally {
        await Promise.all(examples.map((example) => example.stop()));
      }
    }));

  test("a report tells of clients of every kind", () =>
    withPage({}, async (admin) => {
      const example = await startExample(join(data.folder, "report.db"), "--fill", "2000");
      try {
        await signInAtProvider(admin, example.issuer, "carol");
        const outcomes = {};
        for (const clientId of ["payroll", "warehouse", "crm", "archive", "intranet"]) {
          const { body } = await callAdminApi(admin, "query", { clientId, countRequested: 1 });
          const [{ sessionId }] = body.results;
          const answer = await callAdminApi(admin, "remove", { sessionId });
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
