/**
 * Faulty callbacks of a host don't affect anything else: `onEvent`, `onProgress`, `onError`,
 * `resolve` and `isFirstUse` that throw, reject, never settle or return nonsense. Notifications
 * that only a call knows about are protected from an abort.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { LogoutDelivery, SessionCoordination, SessionManagement } from "../../pkg/entry/node.js";
import { globalTokenRevocation, privateKeyJwt } from "../../pkg/global-token-revocation.js";
import { backChannelSender } from "../../pkg/logout.js";
import { completeHost, never, rejection, signIn, withMember } from "./support.mjs";

const full = new Error("the log is full");

/** The faulty callbacks, and whether the console shows their errors. */
const MISBEHAVIOURS = {
  throws: [
    () => {
      throw full;
    },
    true,
  ],
  rejects: [() => Promise.reject(full), true],
  "never settles": [never, false],
  "returns nonsense": [() => Symbol("nonsense"), false],
  "returns a thenable that throws": [
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: the test needs it
      then() {
        throw full;
      },
    }),
    true,
  ],
  "returns what can't be read": [
    () =>
      new Proxy(
        {},
        {
          get() {
            throw full;
          },
        },
      ),
    true,
  ],
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Counts the console's lines by their first words. */
function consoleOf(t) {
  const shown = t.mock.method(console, "error", () => {});
  return () => new Set(shown.mock.calls.map(({ arguments: [text] }) => text));
}

describe("an observer", () => {
  for (const [how, [misbehave, isShown]] of Object.entries(MISBEHAVIOURS)) {
    test(`\`onEvent\` that ${how} changes nothing`, async (t) => {
      const said = consoleOf(t);
      const { host, sent } = completeHost();
      const observed = { ...host, onEvent: misbehave };
      await signIn(observed, "alice", 2);
      const report = await new SessionManagement(observed).removeSessions({ subjectId: "alice" });
      assert.deepEqual([report.sessionsRemoved, report.notifications.delivered], [2, 2]);
      await host.sessions.create({ ...expired("e"), clients: [{ clientId: "web" }] });
      const settings = { expiredSessionsTriggerBackchannelLogout: true };
      const pass = await new SessionCoordination(observed, settings).removeExpiredSessions();
      assert.deepEqual([pass.processed, pass.failed, pass.more], [1, 0, false]);
      await new LogoutDelivery(observed).deliverDue();
      assert.equal(sent.length, 3);
      await turn();
      assert.deepEqual([...said()], isShown ? ["rollcall: `onEvent` threw:"] : []);
    });

    test(`\`onProgress\` that ${how} changes nothing`, async (t) => {
      const said = consoleOf(t);
      const { host } = completeHost();
      await signIn(host, "alice", 2);
      const options = { onProgress: misbehave };
      const report = await new SessionManagement(host).removeSessions(
        { subjectId: "alice" },
        options,
      );
      assert.deepEqual([report.sessionsRemoved, report.notifications.delivered], [2, 2]);
      await turn();
      assert.deepEqual([...said()], isShown ? ["rollcall: `onProgress` threw:"] : []);
    });

    for (const [name, Service] of Object.entries({ LogoutDelivery, SessionCoordination })) {
      test(`\`onError\` of ${name} that ${how} doesn't stop the next pass`, async (t) => {
        const said = consoleOf(t);
        let calls = 0;
        const now = () => {
          throw new Error("no clock");
        };
        await new Promise((resolve) => {
          const onError = () => {
            calls += 1;
            if (calls === 3) runner.stop().then(resolve);
            return misbehave();
          };
          const { host } = completeHost();
          const runner = new Service({ ...host, now }).start({ interval: 1, onError });
          // The runner's timers don't keep the process running.
          const alive = setInterval(() => {}, 1_000);
          t.after(() => clearInterval(alive));
        });
        await turn();
        assert.equal(calls, 3);
        assert.deepEqual([...said()], isShown ? ["rollcall: `onError` threw:"] : []);
      });
    }

    test(`\`onError\` of globalTokenRevocation that ${how}: the answer is 500`, async (t) => {
      const said = consoleOf(t);
      const handle = globalTokenRevocation({
        management: new SessionManagement(completeHost().host),
        authorize: () => true,
        resolveSubject: () => Promise.reject(new Error("no directory")),
        onError: misbehave,
      });
      assert.equal((await handle(revocation())).status, 500);
      await turn();
      assert.deepEqual([...said()], isShown ? ["rollcall: `onError` threw:"] : []);
    });
  }
});

describe("`resolve` of the sender", () => {
  const sentTo = [];
  const removal = async (resolve) => {
    const { host } = completeHost();
    await signIn(host, "alice");
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    const sendLogout = backChannelSender({
      signingKeys: [{ ...(await exportJWK(privateKey)), kid: "k", alg: "RS256" }],
      issuer: "https://id.example",
      timeout: 20,
      resolve,
      fetch: async (url) => {
        sentTo.push(url);
        return new Response(null, { status: 200 });
      },
    });
    const { outbox: _outbox, ...withoutOutbox } = { ...host, sendLogout };
    return await new SessionManagement(withoutOutbox).removeSessions({ subjectId: "alice" });
  };

  for (const [how, resolve, error] of [
    [
      "throws",
      () => {
        throw full;
      },
      /^`resolve` failed: /,
    ],
    ["rejects", () => Promise.reject(full), /^`resolve` failed: /],
    ["never settles", never, /^no answer within 20 ms$/],
    ["returns nothing", () => undefined, /^`resolve` must return an array of addresses$/],
    ["returns one address", () => "93.184.216.34", /^`resolve` must return an array/],
    ["returns numbers", () => [7], /^`resolve` must return an array of addresses$/],
    ["returns an empty list", () => [], /^`web.example` has no address$/],
    ["returns words instead of addresses", () => ["here"], /which is not a public address$/],
  ]) {
    test(`that ${how}: the session ends, and nothing is sent`, async () => {
      const report = await removal(resolve);
      assert.equal(report.sessionsRemoved, 1);
      assert.deepEqual(report.notifications, { delivered: 0, pending: 0, failed: 1, skipped: 0 });
      assert.match(report.deliveries[0].error, error);
      assert.deepEqual(sentTo, []);
    });
  }
});

describe("`isFirstUse`", () => {
  const issuer = "https://idp.example.com/";
  const endpoint = "https://id.example.com/global-token-revocation";
  const pair = generateKeyPair("RS256", { extractable: true });

  /** Calls the endpoint to end alice's session, with this `isFirstUse`. */
  async function revoke(isFirstUse) {
    const { privateKey, publicKey } = await pair;
    const { host } = completeHost();
    await signIn(host, "alice");
    const errors = [];
    const handle = globalTokenRevocation({
      management: new SessionManagement(host),
      authorize: privateKeyJwt({
        audience: endpoint,
        keys: async () => ({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256" }] }),
        isFirstUse,
      }),
      resolveSubject: () => "alice",
      onError: (error) => errors.push(error),
    });
    const token = await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: "RS256", kid: "1" })
      .setIssuer(issuer)
      .setSubject("siem")
      .setAudience(endpoint)
      .setIssuedAt()
      .setExpirationTime("5 min")
      .sign(privateKey);
    const answered = handle(revocation({ authorization: `Bearer ${token}` }));
    return { answered, errors, count: () => host.sessions.count({}) };
  }

  for (const [how, isFirstUse] of [
    [
      "throws",
      () => {
        throw full;
      },
    ],
    ["rejects", () => Promise.reject(full)],
  ]) {
    test(`that ${how}: 500, \`onError\` gets it, and no session ends`, async () => {
      const { answered, errors, count } = await revoke(isFirstUse);
      assert.equal((await answered).status, 500);
      assert.deepEqual([errors, await count()], [[full], 1]);
    });
  }

  for (const nonsense of [undefined, null, 1, "true", {}, [], () => true]) {
    test(`that returns ${String(nonsense)}: 401, and no session ends`, async () => {
      const { answered, errors, count } = await revoke(() => nonsense);
      assert.equal((await answered).status, 401);
      assert.deepEqual([errors, await count()], [[], 1]);
    });
  }

  test("that never settles blocks only its own request", async () => {
    const stuck = await revoke(never);
    let isAnswered = false;
    stuck.answered.finally(() => {
      isAnswered = true;
    });
    const other = await revoke(() => true);
    assert.equal((await other.answered).status, 204);
    assert.deepEqual([isAnswered, await stuck.count(), await other.count()], [false, 1, 0]);
  });
});

describe("without an outbox, an abort once sessions are being removed", () => {
  for (const [where, path, outcome] of [
    ["while the store removes them", "sessions.remove", "aborted"],
    ["while a client is notified", "sendLogout", 3],
  ]) {
    test(`${where} doesn't end a notification`, async () => {
      const { host, sent } = completeHost();
      const { outbox: _, atomic: _atomic, ...bare } = host;
      await signIn(bare, "alice", 3);
      const controller = new AbortController();
      const [owner, name] = path.split(".");
      const original = name === undefined ? host[owner] : host[owner][name];
      const signals = [];
      const hostile = withMember(bare, path, async (...input) => {
        signals.push(input.at(-1)?.signal);
        controller.abort(new Error("the administrator left"));
        await turn();
        return await original(...input);
      });
      const ended = await new SessionManagement(hostile)
        .removeSessions({ subjectId: "alice" }, { signal: controller.signal })
        .then(
          (report) => report.sessionsRemoved,
          (error) => error.code,
        );
      assert.deepEqual([ended, sent.length, await host.sessions.count({})], [outcome, 3, 0]);
      assert.deepEqual(new Set(signals), new Set([undefined]), "the callback got no signal");
    });
  }

  test("before that ends the call, and changes nothing", async () => {
    const { host, sent } = completeHost();
    const { outbox: _, atomic: _atomic, ...bare } = host;
    await signIn(bare, "alice", 3);
    const controller = new AbortController();
    const hostile = withMember(bare, "clients", async () => {
      controller.abort(new Error("the administrator left"));
      await turn();
      return undefined;
    });
    const removal = new SessionManagement(hostile).removeSessions(
      { subjectId: "alice" },
      { signal: controller.signal },
    );
    assert.equal((await rejection(removal)).code, "aborted");
    assert.deepEqual([sent, await host.sessions.count({})], [[], 3]);
  });
});

function expired(sessionId) {
  return {
    key: Buffer.from(sessionId).toString("hex").padEnd(64, "0"),
    scheme: "cookie",
    subjectId: "alice",
    sessionId,
    created: 1,
    renewed: 1,
    expires: 2,
    clients: [],
  };
}

function revocation(headers = {}) {
  return new Request("https://id.example.com/global-token-revocation", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ sub_id: { format: "email", email: "alice@example.com" } }),
  });
}
