// Registrations and subjects of the host that would silently notify no client, or the wrong one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionManagement } from "../../pkg/entry/node.js";
import { completeHost, signIn } from "./support.mjs";

const URI = "https://web.example/logout";

/** Ends alice's sessions, and returns the delivery to `web` and the calls of the sender. */
async function ending(members) {
  const { host, sent } = completeHost();
  const { outbox: _, atomic: __, ...direct } = host;
  await signIn(host, "alice");
  const management = new SessionManagement({ ...direct, ...members });
  const report = await management.removeSessions({ subjectId: "alice" });
  assert.equal(report.sessionsRemoved, 1, "the session was not removed");
  return { delivery: report.deliveries[0], sent };
}

for (const [given, known] of [
  ["backchannelLogoutUri", "backChannelLogoutUri"],
  ["backchannel_logout_uri", "backChannelLogoutUri"],
  ["BackChannelLogoutUri", "backChannelLogoutUri"],
  ["back-channel-logout-uri", "backChannelLogoutUri"],
  ["backChannelLogoutUrl", "backChannelLogoutUri"],
  ["backchannel_logout_url", "backChannelLogoutUri"],
  ["backChannelLogoutUri ", "backChannelLogoutUri"],
  ["backchannel_logout_session_required", "backChannelLogoutSessionRequired"],
  ["id_token_encrypted_response_alg", "idTokenEncryptedResponseAlg"],
  ["jwks_uri", "jwksUri"],
  ["Enabled", "enabled"],
]) {
  test(`a registration with \`${given}\` is an error that names \`${known}\``, async () => {
    const { delivery, sent } = await ending({
      clients: (clientId) => ({ clientId, [given]: known === "enabled" ? false : URI }),
    });
    assert.equal(delivery.state, "failed");
    assert.equal(
      delivery.error,
      `sender_failed: the client's registration has \`${given}\`: name it \`${known}\``,
    );
    assert.deepEqual(sent, []);
  });
}

test("a registration with `id` is an error that names `clientId`", async () => {
  for (const id of ["id", "client_id"]) {
    const { delivery } = await ending({ clients: () => ({ [id]: "web" }) });
    assert.match(delivery.error, new RegExp(`has \`${id}\`: name it \`clientId\`$`));
  }
});

test("other members are ignored, even similar names next to the known ones", async () => {
  const { delivery, sent } = await ending({
    clients: (clientId) => ({
      clientId,
      id: 7,
      client_id: clientId,
      backChannelLogoutUri: URI,
      backchannel_logout_uri: URI,
      redirect_uris: [],
      client_name: "Web",
    }),
  });
  assert.deepEqual([delivery.state, sent.length], ["delivered", 1]);
});

test("an unknown `backChannelLogoutBy` is reported", async () => {
  for (const backChannelLogoutBy of ["subjects", "Session", "", 1, {}]) {
    const { delivery } = await ending({
      clients: (clientId) => ({ clientId, backChannelLogoutUri: URI, backChannelLogoutBy }),
    });
    assert.deepEqual(
      [delivery.state, delivery.error],
      [
        "failed",
        "sender_failed: the client's registration: `backChannelLogoutBy` must be `subject` or " +
          "`session`",
      ],
    );
  }
});

test("a logout URI with NUL is reported and recorded nowhere", async () => {
  const { delivery } = await ending({
    clients: (clientId) => ({ clientId, backChannelLogoutUri: `${URI}\0` }),
  });
  assert.match(delivery.error, /`backChannelLogoutUri` must be a URL of at most 8,192 characters$/);
});

test("a subject that is blank or has NUL is an error, and sends nothing", async () => {
  for (const subject of ["", " ", "\t\n", "alice\0"]) {
    const { delivery, sent } = await ending({ subjectFor: () => subject });
    assert.deepEqual([delivery.state, sent], ["failed", []]);
    assert.match(
      delivery.error,
      /^sender_failed: `subjectFor` returned a blank string or one with/,
    );
  }
  const { delivery, sent } = await ending({ subjectFor: (subject) => `pairwise ${subject}` });
  assert.deepEqual([delivery.state, sent[0].claims.sub], ["delivered", "pairwise alice"]);
});

test("a clock outside the range of a `Date` is an error about `now`", async () => {
  for (const now of [1e19, -1e19, 8.64e15 + 1, Number.NaN, Number.POSITIVE_INFINITY, "now"]) {
    const { host } = completeHost();
    const management = new SessionManagement({ ...host, now: () => now });
    await assert.rejects(management.querySessions({ state: "active" }), {
      code: "invalid_argument",
      message: /`now` must return epoch milliseconds that a `Date` can have/,
    });
  }
});

test("a duration out of range is an error that names it", () => {
  const { host } = completeHost();
  const make = (delivery) => () => new SessionManagement({ ...host, delivery });
  for (const backdate of [120_000, 1e9, -1, Number.NaN])
    assert.throws(make({ backdate }), {
      code: "invalid_argument",
      message: /`delivery\.backdate` must be milliseconds, 0 or more and less than 120000/,
    });
  assert.doesNotThrow(make({ backdate: 119_999 }));
  for (const member of [
    ...["leaseFor", "wait", "giveUpAfter", "firstRetry", "maxRetry"],
    ...["keepDelivered", "keepFailed"],
  ])
    assert.throws(make({ [member]: 1e19 }), {
      code: "invalid_argument",
      message: new RegExp(`\`delivery\\.${member}\` must be milliseconds, from 0 to`),
    });
  assert.throws(() => new SessionManagement({ ...host, absoluteLifetime: 1e19 }), {
    message: /`absoluteLifetime` must be milliseconds/,
  });
});
