/** `examples/your-devices`, over HTTP and in Chromium. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { libsqlDialect, sqlStores } from "rollcall/sql";
import { browserForSuite, withoutChromium } from "../console/support/chromium.mjs";

const PROGRAM = fileURLToPath(new URL("../../examples/your-devices/server.mjs", import.meta.url));
const ALICE = { username: "alice", password: "down the rabbit hole" };
const BOB = { username: "bob", password: "can we fix it" };
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** Starts the program in its own folder, and waits until it listens. */
async function start(environment = {}) {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-your-devices-"));
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      ...process.env,
      DATABASE: join(folder, "sessions.db"),
      TICKET_KEY: Buffer.alloc(32, 1).toString("base64url"),
      PORT: "0",
      TRUST_PROXY: "loopback",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "close");
  const lines = [];
  const port = await new Promise((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        lines.push(line);
        const found = /^listening at .*, on port (\d+)$/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    exit.then(() => reject(new Error(`the program ended:\n${lines.join("\n")}`)));
  });
  return {
    database: join(folder, "sessions.db"),
    origin: environment.ORIGIN ?? `http://localhost:${port}`,
    address: `http://127.0.0.1:${port}`,
    lines,
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = await exit;
      await rm(folder, { recursive: true });
      return code;
    },
  };
}

/** A browser without pages. It keeps the session cookie and follows no redirect. */
class Visitor {
  cookie;

  constructor(program, { userAgent = FIREFOX, ip = "192.0.2.1" } = {}) {
    this.program = program;
    this.headers = { "user-agent": userAgent, "x-forwarded-for": ip };
  }

  async ask(method, path, { form, origin = this.program.origin } = {}) {
    const response = await fetch(`${this.program.address}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...this.headers,
        connection: "close",
        ...(this.cookie !== undefined && { cookie: this.cookie }),
        ...(method === "POST" && origin !== false && { origin }),
      },
      body: form && new URLSearchParams(form),
    });
    const [setCookie] = response.headers.getSetCookie();
    if (setCookie !== undefined) {
      const [pair] = setCookie.split(";");
      this.cookie = pair.endsWith("=") ? undefined : pair;
    }
    return {
      status: response.status,
      headers: response.headers,
      setCookie,
      text: await response.text(),
    };
  }

  async signIn(form = ALICE) {
    assert.equal((await this.ask("POST", "/sign-in", { form })).status, 303);
    return this;
  }

  /** The page with the devices, and the session ids of the other devices on it. */
  async devices() {
    const { text } = await this.ask("GET", "/");
    return {
      text,
      isSignedIn: text.includes("<h1>Your devices</h1>"),
      count: text.split("</li>").length - 1,
      others: [...text.matchAll(/name="sessionId" value="([^"]+)"/g)].map(([, id]) => id),
    };
  }
}

describe("your devices", () => {
  let program;
  before(async () => {
    program = await start();
  });
  after(async () => {
    assert.equal(await program?.stop(), 0);
    assert.equal(program.lines.at(-1), "stopped");
    // The program logged no error.
    assert.deepEqual(
      program.lines.filter((line) => /error/i.test(line)),
      [],
    );
  });
  const visitor = (options) => new Visitor(program, options);

  test("a wrong password and an unknown name get the same answer", async () => {
    const answers = [];
    for (const form of [
      { ...ALICE, password: "x" },
      { ...ALICE, username: "mallory" },
      { username: "mallory", password: "" },
      {},
    ]) {
      const { status, text, setCookie } = await visitor().ask("POST", "/sign-in", { form });
      assert.deepEqual([status, setCookie], [401, undefined]);
      answers.push(text);
    }
    assert.equal(new Set(answers).size, 1);
  });

  test("a user sees their sessions, ends one, and then all others", async () => {
    const laptop = await visitor().signIn();
    const phone = await visitor({
      userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
      ip: "198.51.100.7",
    }).signIn();
    const tablet = await visitor({ userAgent: "a tablet" }).signIn();
    const other = await visitor().signIn(BOB);

    const { text, count, others } = await laptop.devices();
    assert.equal(count, 3);
    assert.equal(others.length, 2);
    assert.match(text, /Firefox on Linux<\/strong> \(this device\)/);
    assert.match(text, /Safari on iOS<\/strong>\s+<dl>\s+<dt>Address<\/dt><dd>198\.51\.100\.7</);
    assert.match(text, /a tablet</);
    assert.equal(text.match(/\(this device\)/g).length, 1);

    const [fromPhone] = (await phone.devices()).others.filter((id) => others.includes(id));
    assert.equal(
      (await laptop.ask("POST", "/end", { form: { sessionId: fromPhone } })).status,
      303,
    );
    assert.equal((await tablet.devices()).isSignedIn, false);
    assert.equal((await phone.devices()).isSignedIn, true);

    assert.equal((await laptop.ask("POST", "/end-others")).status, 303);
    assert.equal((await phone.devices()).isSignedIn, false);
    assert.equal((await laptop.devices()).count, 1);
    assert.equal((await other.devices()).count, 1);

    const { setCookie } = await laptop.ask("POST", "/sign-out");
    assert.equal(setCookie, "session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    assert.equal((await laptop.devices()).isSignedIn, false);
    await other.ask("POST", "/sign-out");
  });

  test("a user can't end the session of another user", async () => {
    const [alice, second, bob] = [
      await visitor().signIn(),
      await visitor().signIn(),
      await visitor().signIn(BOB),
    ];
    const [sessionId] = (await second.devices()).others;
    for (const form of [
      { sessionId },
      { sessionId, subjectId: "1001" },
      { sessionId, subjectId: "" },
    ]) {
      assert.equal((await bob.ask("POST", "/end", { form })).status, 303);
    }
    assert.equal(
      (await bob.ask("POST", "/end-others", { form: { subjectId: "1001" } })).status,
      303,
    );
    assert.equal((await alice.devices()).count, 2);
    for (const form of [
      {},
      { sessionId: "" },
      { sessionId: " " },
      [
        ["sessionId", "a"],
        ["sessionId", "b"],
      ],
    ]) {
      assert.equal((await bob.ask("POST", "/end", { form })).status, 400);
    }
    // Without a session nothing ends.
    for (const path of ["/end", "/end-others", "/sign-out"]) {
      assert.equal((await visitor().ask("POST", path, { form: { sessionId } })).status, 303);
    }
    assert.equal((await alice.devices()).count, 2);
    for (const who of [alice, second, bob]) await who.ask("POST", "/sign-out");
  });

  test("a form of another site is refused", async () => {
    const alice = await visitor().signIn();
    const second = await visitor().signIn();
    for (const origin of ["http://evil.localhost:8080", "null", "", false]) {
      for (const path of ["/sign-in", "/end", "/end-others", "/sign-out"]) {
        const answer = await alice.ask("POST", path, { form: BOB, origin });
        assert.deepEqual([answer.status, answer.setCookie], [403, undefined], `${origin} ${path}`);
      }
    }
    assert.equal((await second.devices()).count, 2);
    for (const who of [alice, second]) await who.ask("POST", "/sign-out");
  });

  test("names and user agents are escaped", async () => {
    const bob = await visitor({ userAgent: '"><script>alert(1)</script>' }).signIn(BOB);
    const { text, headers } = await bob.ask("GET", "/");
    assert.doesNotMatch(text, /<script|<b>/);
    assert.match(text, /&lt;script&gt;/);
    assert.match(text, /Bob &lt;b&gt;Builder/);
    assert.match(headers.get("content-security-policy"), /^default-src 'none'; style-src 'sha256-/);
    assert.equal(headers.get("cache-control"), "no-store");
    await bob.ask("POST", "/sign-out");
  });

  test("signing in again with the same browser leaves one session", async () => {
    const alice = await visitor().signIn();
    const { cookie } = alice;
    await alice.signIn();
    assert.notEqual(alice.cookie, cookie);
    assert.equal((await alice.devices()).count, 1);
    await alice.ask("POST", "/sign-out");
  });

  test("a session is renewed while its user is active", async () => {
    const alice = await visitor({ ip: "192.0.2.1" }).signIn();
    const client = createClient({ url: `file:${program.database}` });
    const kysely = new Kysely({ dialect: libsqlDialect(client) });
    const { sessions } = sqlStores(kysely, { dialect: "sqlite" });
    const value = Buffer.from(alice.cookie.split("=")[1], "hex");
    const key = createHash("sha256").update(value).digest("hex");
    const before = Date.now();
    const twoHoursAgo = before - 7_200_000;
    await sessions.update(key, { renewed: twoHoursAgo, expires: before + 60_000 }, {});
    alice.headers["x-forwarded-for"] = "192.0.2.2";
    const { setCookie, text } = await alice.ask("GET", "/");
    assert.match(setCookie, /^session=[0-9a-f]{64}; Max-Age=1209[56]\d\d; /);
    assert.match(text, /192\.0\.2\.2/);
    const { renewed, expires } = await sessions.get(key);
    assert.ok(renewed >= before);
    assert.ok(expires >= before + 14 * 86_400_000);
    await kysely.destroy();
    client.close();
    await alice.ask("POST", "/sign-out");
  });

  test("an unreadable form is a client error", async () => {
    const alice = await visitor().signIn();
    const form = { sessionId: "x".repeat(5_000) };
    assert.equal((await alice.ask("POST", "/end", { form })).status, 413);
    await alice.ask("POST", "/sign-out");
  });

  describe("in Chromium", { skip: withoutChromium }, () => {
    const withPage = browserForSuite();

    test("one device signs the other out", () =>
      withPage({}, (laptop) =>
        withPage({}, async (phone) => {
          for (const page of [laptop, phone]) {
            await page.goto(program.origin);
            await page.getByLabel("Username").fill(ALICE.username);
            await page.getByLabel("Password").fill(ALICE.password);
            await page.getByRole("button", { name: "Sign in" }).click();
            await page.getByRole("heading", { name: "Your devices" }).waitFor();
          }
          await laptop.reload();
          const items = laptop.getByRole("listitem");
          assert.equal(await items.count(), 2);
          const other = items.filter({ hasNotText: "(this device)" });
          await other.getByRole("button", { name: "Sign out" }).click();
          await laptop.waitForURL("**/");
          assert.equal(await laptop.getByRole("listitem").count(), 1);
          await phone.reload();
          await phone.getByRole("heading", { name: "Sign in" }).waitFor();
          await laptop.getByRole("button", { name: "Sign out", exact: true }).click();
          await laptop.getByRole("heading", { name: "Sign in" }).waitFor();
        }),
      ));
  });
});

test("behind https, the cookie is secure and persistent", async (t) => {
  const program = await start({ ORIGIN: "https://id.example.com" });
  t.after(() => program.stop());
  const alice = new Visitor(program);
  const { setCookie } = await alice.ask("POST", "/sign-in", { form: ALICE });
  assert.match(
    setCookie,
    /^__Host-session=[0-9a-f]{64}; Max-Age=1209[56]\d\d; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  assert.equal((await alice.devices()).count, 1);
  assert.deepEqual(
    program.lines.filter((line) => line.includes("insecure")),
    [],
  );
});
