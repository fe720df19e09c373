/**
 * No output of the process contains a secret: no session key, cookie value, ticket or token, and
 * nothing of a driver's error except its code. The tests run all services through successes and
 * failures, and search all output: events, the console, the arguments of `onError`, thrown errors
 * without their `cause`, reports, telemetry and HTTP responses.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import http from "node:http";
import { after, test } from "node:test";
import { format, inspect } from "node:util";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import {
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteQueryCompiler,
} from "kysely";
import {
  LogoutDelivery,
  SessionCoordination,
  SessionManagement,
  TicketStore,
} from "../../pkg/entry/node.js";
import { globalTokenRevocation, privateKeyJwt } from "../../pkg/global-token-revocation.js";
import { backChannelSender } from "../../pkg/logout.js";
import { telemetry } from "../../pkg/otel.js";
import { redisStores } from "../../pkg/redis.js";
import { sqlStores } from "../../pkg/sql.js";
import { sdk } from "../otel/support.mjs";
import { CALLS, completeHost, KEYS, withMember } from "./support.mjs";

/** The message of a driver's error, besides the values of the call. */
const DRIVER = "driver-says-do-not-repeat-this";
const PLAIN = "claim-that-only-the-ticket-holds";
const GRANT = "handle-of-a-refresh-token-7Q2";
const CREDENTIALS = "credentials-of-the-receiver-4F1";
const CLIENT_SECRET = "the-secret-of-the-client-that-signs-by-HS256";
const ENDPOINT = "https://id.example.com/global-token-revocation";

/** The lifetime of sessions, in milliseconds. */
const HOUR = 3_600_000;

/** The minimum length of a piece of a secret. */
const PIECE = 16;

const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
const signingKey = { ...(await exportJWK(privateKey)), kid: "1", alg: "ES256" };
const publicJwk = { ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" };

/** The secrets of one run, and its whole output. */
function watched(t) {
  const secrets = new Map([
    [DRIVER, "the error of a driver"],
    [PLAIN, "a ticket"],
    [GRANT, "a grant"],
    [CREDENTIALS, "an authorization"],
    [CLIENT_SECRET, "a client's secret"],
    [signingKey.d, "a signing key"],
    [Buffer.from(KEYS.keys.k1).toString("base64url"), "the ticket key"],
  ]);
  const output = [];
  const say = (where, value) => output.push([where, value]);
  for (const name of ["log", "info", "warn", "error", "debug"]) {
    t.mock.method(console, name, (...args) => say(`console.${name}`, format(...args)));
  }
  return {
    say,
    /** Records the error as logs write it: its message, its stack and its JSON. */
    sayError: (where, error) => {
      say(`${where}: message`, String(error?.message));
      say(`${where}: stack`, String(error?.stack));
      say(`${where}: JSON`, JSON.stringify(error));
    },
    secret: (what, value) => secrets.set(value, what),
    cookie: (value) => {
      secrets.set(value, "a cookie value");
      const key = createHash("sha256").update(Buffer.from(value, "hex")).digest("hex");
      secrets.set(key, "a session key");
      return value;
    },
    /** Finds every piece of a secret in the output, once for each place. */
    found: () => {
      const pieces = new Map();
      for (const [secret, what] of secrets) {
        for (let at = 0; at + PIECE <= secret.length; at += 1) {
          pieces.set(secret.slice(at, at + PIECE), what);
        }
      }
      const found = new Set();
      for (const [where, text] of output) {
        for (let at = 0; at + PIECE <= String(text).length; at += 1) {
          const what = pieces.get(String(text).slice(at, at + PIECE));
          if (what !== undefined) found.add(`${where} has ${what}`);
        }
      }
      return [...found];
    },
    said: (where) => output.filter(([place]) => place.startsWith(where)).length,
  };
}

/** Errors as drivers throw them, with the values of the call in each known place. */
const DRIVER_ERRORS = {
  "in its message": (args) => new Error(`${DRIVER}: ${JSON.stringify(args)}`),
  "in its members": (args) =>
    Object.assign(new Error(DRIVER), {
      code: "23505",
      detail: JSON.stringify(args),
      parameters: args,
      command: { name: "EVALSHA", args },
    }),
  "in its code and name": (args) =>
    Object.assign(new Error(DRIVER), { code: JSON.stringify(args), name: JSON.stringify(args) }),
  "in its cause": (args) => new Error(DRIVER, { cause: new Error(JSON.stringify(args)) }),
  "as a string": (args) => `${DRIVER}: ${JSON.stringify(args)}`,
};

/** A host that reports everything, and its secrets. */
async function host(run, t, members = {}) {
  const complete = completeHost().host;
  const { tracerProvider, meterProvider, spans, metrics } = sdk(t);
  const measure = telemetry({ tracerProvider, meterProvider });
  const told = {
    ...complete,
    onEvent: (event) => {
      run.say(`event ${event.type}`, inspect(event, { depth: 9 }));
      measure(event);
    },
    ...members,
  };
  const tickets = new TicketStore(told, { keys: KEYS });
  const signIn = async (subjectId) => {
    const cookie = await tickets.store({
      subjectId,
      expires: Date.now() + HOUR,
      clients: ["web", "hs", "set"],
      ticket: { claim: PLAIN },
    });
    run.cookie(cookie);
    const page = await complete.sessions.list({ filter: {}, order: "newest", limit: 50 });
    for (const { ticket } of page.sessions) run.secret("a sealed ticket", ticket);
    return cookie;
  };
  await complete.grants.store({
    key: GRANT,
    type: "refresh_token",
    subjectId: "alice",
    clientId: "web",
    created: new Date(),
    data: GRANT,
  });
  return {
    told,
    tickets,
    signIn,
    sayTelemetry: async () => {
      for (const { name, attributes, status, events } of spans()) {
        run.say("span", inspect({ name, attributes, status, events }, { depth: 9 }));
      }
      run.say("metrics", inspect(await metrics(), { depth: 12 }));
    },
  };
}

for (const [where, errorOf] of Object.entries(DRIVER_ERRORS)) {
  test(`a store that fails with a secret ${where}`, async (t) => {
    const run = watched(t);
    for (const path of Object.keys(CALLS)) {
      const { told, signIn, sayTelemetry } = await host(run, t);
      const cookie = await signIn("alice");
      const failing = withMember(told, path, async (...args) => {
        throw errorOf([...args, cookie]);
      });
      await CALLS[path](failing, cookie).then(
        (result) => run.say(`${path}: result`, inspect(result, { depth: 9 })),
        (error) => run.sayError(path, error),
      );
      const coordination = new SessionCoordination({
        ...failing,
        now: () => Date.now() + 2 * HOUR,
      });
      await coordination.removeExpiredSessions().catch((error) => run.sayError("expiry", error));
      await sayTelemetry();
    }
    assert.deepEqual(run.found(), []);
    assert.ok(run.said("sessions.get: message") > 0);
    assert.ok(run.said("event session_removal_failed") > 0);
  });

  test(`passes whose store fails with a secret ${where}`, async (t) => {
    const run = watched(t);
    const { told, signIn } = await host(run, t);
    const cookie = await signIn("alice");
    for (const onError of [undefined, (error) => run.sayError("onError", error)]) {
      const failures = { "outbox.claim": 0, "sessions.list": 0, "atomic.endSessions": 0 };
      let failing = told;
      for (const path of Object.keys(failures)) {
        failing = withMember(failing, path, async (...args) => {
          failures[path] += 1;
          throw errorOf([...args, cookie]);
        });
      }
      const runners = [
        new LogoutDelivery(failing).start({ interval: 1, onError }),
        new SessionCoordination(failing).start({ interval: 1, onError }),
      ];
      // The second failure happens after the first was reported.
      const hasTold = () =>
        failures["outbox.claim"] > 1 &&
        failures["sessions.list"] + failures["atomic.endSessions"] > 1;
      while (!hasTold()) await new Promise((resolve) => setTimeout(resolve, 1));
      await Promise.all(runners.map((runner) => runner.stop()));
    }
    assert.deepEqual(run.found(), []);
    assert.ok(run.said("console.error") > 0 && run.said("onError") > 0);
  });

  test(`functions of the host that fail with a secret ${where}`, async (t) => {
    const run = watched(t);
    for (const path of ["clients", "sendLogout", "subjectFor", "now"]) {
      const { told, signIn, sayTelemetry } = await host(run, t);
      const cookie = await signIn("alice");
      const failing = withMember(told, path, (...args) => {
        throw errorOf([...args, cookie, GRANT]);
      });
      await new SessionManagement(failing).removeSessions({ subjectId: "alice" }).then(
        (report) => run.say("report", inspect(report, { depth: 9 })),
        (error) => run.sayError(path, error),
      );
      for await (const delivery of new LogoutDelivery(told).list()) {
        run.say("delivery", inspect(delivery, { depth: 9 }));
      }
      await sayTelemetry();
    }
    assert.deepEqual(run.found(), []);
  });

  test(`a revocation request that fails with a secret ${where}`, async (t) => {
    const run = watched(t);
    const { told, signIn } = await host(run, t);
    const cookie = await signIn("alice");
    const token = await new SignJWT({ jti: "1" })
      .setProtectedHeader({ alg: "ES256", kid: "1" })
      .setIssuer("https://idp.example.com/")
      .setSubject("siem")
      .setAudience(ENDPOINT)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
    run.secret("a token", token);
    const fail = (...args) => {
      throw errorOf([...args.map(String), cookie, token]);
    };
    const keys = { "https://idp.example.com/": { keys: [publicJwk] } };
    const options = {
      management: new SessionManagement(told),
      authorize: privateKeyJwt({ audience: ENDPOINT, keys, isFirstUse: () => true }),
      resolveSubject: () => "alice",
    };
    const failing = new SessionManagement(withMember(told, "sessions.list", fail));
    const { atomic: _, ...inSteps } = told;
    for (const changes of [
      {},
      { authorize: fail },
      { authorize: privateKeyJwt({ audience: ENDPOINT, keys: fail, isFirstUse: () => true }) },
      { authorize: privateKeyJwt({ audience: ENDPOINT, keys, isFirstUse: fail }) },
      { authorize: () => false },
      { resolveSubject: fail },
      { management: failing },
      { management: new SessionManagement(withMember(told, "atomic.endSessions", fail)) },
      { management: new SessionManagement(withMember(inSteps, "grants.remove", fail)) },
    ]) {
      // The error of a function of the host is passed back to the host unchanged.
      const onHostError = (error) =>
        error.name === "RollcallError" && run.sayError("onError", error);
      for (const onError of [undefined, onHostError]) {
        const handle = globalTokenRevocation({ ...options, ...changes, onError });
        for (const body of [
          '{"sub_id":{"format":"opaque","id":"alice"}}',
          `{"${token}":1}`,
          token,
        ]) {
          const response = await handle(
            new Request(ENDPOINT, {
              method: "POST",
              headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
              body,
            }),
          );
          run.say("response", inspect([...response.headers]) + (await response.text()));
        }
      }
    }
    assert.deepEqual(run.found(), []);
    assert.ok(run.said("console.error") > 0 && run.said("onError") > 0);
  });

  test(`stores of the package whose driver fails with a secret ${where}`, async (t) => {
    const run = watched(t);
    const cookie = run.cookie("ab".repeat(32));
    const fail = (args) => {
      throw errorOf([...args, cookie]);
    };
    const kysely = (adapter, compiler) => {
      const driver = new DummyDriver();
      driver.acquireConnection = async () => ({
        executeQuery: async ({ sql, parameters }) =>
          sql.includes("sql_mode") ? { rows: [{ mode: "STRICT_ALL_TABLES" }] } : fail(parameters),
      });
      const db = new Kysely({
        dialect: {
          createAdapter: () => new adapter(),
          createDriver: () => driver,
          createIntrospector: () => undefined,
          createQueryCompiler: () => new compiler(),
        },
      });
      t.after(() => db.destroy());
      return db;
    };
    const stores = {
      sqlite: sqlStores(kysely(SqliteAdapter, SqliteQueryCompiler), { dialect: "sqlite" }),
      postgres: sqlStores(kysely(PostgresAdapter, PostgresQueryCompiler), { dialect: "postgres" }),
      mariadb: sqlStores(kysely(MysqlAdapter, MysqlQueryCompiler), { dialect: "mariadb" }),
      redis: redisStores(async (_, command) => fail(command)),
      ioredis: redisStores({ call: async (_, args) => fail(args) }),
    };
    for (const [name, own] of Object.entries(stores)) {
      const { told } = await host(run, t);
      for (const call of Object.values(CALLS)) {
        await call({ ...told, ...own }, cookie).catch((error) => {
          run.sayError(name, error);
          // The cause is the driver's error, without the members that contain values of the call.
          if (where === "in its members") {
            const { message: _, stack: __, ...members } = error.cause ?? {};
            run.say(`${name}: the members of the cause`, inspect(members, { depth: 9 }));
          }
        });
      }
      assert.ok(run.said(`${name}: message`) > 0, name);
    }
    assert.deepEqual(run.found(), []);
  });
}

test("clients that return the request that they got, and senders that fail", async (t) => {
  const run = watched(t);
  const server = http.createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const token = new URLSearchParams(body).get("logout_token") ?? body;
    run.secret("a token", token);
    for (const part of token.split(".")) run.secret("a part of a token", part);
    const words = `${token} ${token.slice(30, 130)} ${request.headers.authorization}`;
    response.writeHead(400, { "x-echo": token.slice(0, 100) });
    response.end(
      JSON.stringify({ error: words, err: words, error_description: body, description: body }),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;
  const fail = (...args) => {
    throw new Error(`${DRIVER} ${JSON.stringify(args)} ${CLIENT_SECRET}`);
  };
  const usual = {
    issuer: "https://id.example.com",
    signingKeys: [signingKey],
    allowInsecure: true,
    clientSecret: () => CLIENT_SECRET,
  };
  for (const changes of [
    {},
    { clientSecret: fail },
    { signingKeys: fail },
    { signingKeys: () => `${CLIENT_SECRET}.${signingKey.d}.x` },
    { resolve: fail, allowInsecure: { http: true } },
  ]) {
    const { told, signIn, sayTelemetry } = await host(run, t, {
      clients: (clientId) => ({
        clientId,
        idTokenSignedResponseAlg: clientId === "hs" ? "HS256" : "ES256",
        ...(clientId === "set"
          ? { securityEventUri: origin, securityEventAuthorization: `Bearer ${CREDENTIALS}` }
          : { backChannelLogoutUri: origin }),
      }),
      sendLogout: backChannelSender({ ...usual, ...changes }),
    });
    await signIn("alice");
    const report = await new SessionManagement(told).removeSessions({ subjectId: "alice" });
    run.say("report", inspect(report, { depth: 9 }));
    for await (const delivery of new LogoutDelivery(told).list()) {
      run.say("delivery", inspect(delivery, { depth: 9 }));
    }
    await sayTelemetry();
  }
  assert.deepEqual(run.found(), []);
  assert.ok(run.said("event notification_given_up") > 0 && run.said("span") > 0);
});

test("calls that succeed, and tickets that don't open", async (t) => {
  const run = watched(t);
  const { told, tickets, signIn, sayTelemetry } = await host(run, t);
  const [first, second, third] = [
    await signIn("alice"),
    await signIn("alice"),
    await signIn("bob"),
  ];
  run.cookie(await tickets.rotate(first));
  await tickets.renew(second, { ticket: { claim: PLAIN } });
  const others = {
    current: "k2",
    keys: { k2: new Uint8Array(32).fill(9), k1: new Uint8Array(32).fill(8) },
  };
  assert.equal(await new TicketStore(told, { keys: others }).retrieve(third), undefined);
  const management = new SessionManagement(told, { keys: others });
  const page = await management.querySessions({ countRequested: 1, includeTicket: true });
  run.say("page", inspect(page, { depth: 9 }));
  for (const call of [
    () => tickets.retrieve(`${second.slice(0, 63)}g`),
    () => tickets.addClient(second, ""),
    () => tickets.store({ subjectId: "", ticket: { claim: PLAIN } }),
    () => tickets.store({ subjectId: "eve", ticket: { claim: PLAIN, big: 1n } }),
    () => management.querySessions({ resultsToken: second }),
  ]) {
    await Promise.resolve(call()).catch((error) => run.sayError(String(call), error));
  }
  const preview = await management.purgeSessions({ filter: { subjectId: "bob" } });
  run.say("preview", inspect(preview, { depth: 9 }));
  const report = await management.removeSessions({ subjectId: "alice" });
  run.say("report", inspect(report, { depth: 9 }));
  await sayTelemetry();
  assert.ok(run.said("event ticket_unreadable") > 0);
  assert.deepEqual(run.found(), []);
});
