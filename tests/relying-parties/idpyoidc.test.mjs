/**
 * Rollcall's logout tokens at a relying party that validates them with idpyoidc, which allows no
 * clock skew.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { backChannelSender } from "../../pkg/logout.js";
import { ISSUER, messageTo, relyingParty } from "../logout/support.mjs";
import { provider, providerKeys, signingKeys } from "./provider.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PYTHON = path("../../target/idpyoidc/bin/python");
const skip =
  !existsSync(PYTHON) &&
  "no idpyoidc found: `python3 -m venv target/idpyoidc && target/idpyoidc/bin/pip install idpyoidc==5.0.0`";

const DELIVERED = { delivered: 1, pending: 0, failed: 0, skipped: 0 };

/** The validator, which is started for the first token. */
let validator;
after(async () => {
  if (validator === undefined) return;
  const ended = once(validator.process, "exit");
  validator.process.stdin.end();
  await ended;
});

function start() {
  const child = spawn(PYTHON, [path("logout_token_validator.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { process: child, lines };
}

/** Validates a token: returns the claims, or `error`. Takes one token at a time. */
async function validate(token, alg) {
  validator ??= start();
  const question = { token, issuer: ISSUER, client_id: "shop", keys: providerKeys, alg };
  validator.process.stdin.write(`${JSON.stringify(question)}\n`);
  const { value, done } = await validator.lines.next();
  assert.ok(!done, "the validator ended");
  return JSON.parse(value);
}

/** A local relying party. Sessions are signed in at it until a token ends them. */
async function shop(t, { alg = "RS256" } = {}) {
  const sessions = new Map();
  const verdicts = [];
  let turn = Promise.resolve();
  const party = await relyingParty(t, async (_, response, body) => {
    const verdict = turn.then(() => validate(new URLSearchParams(body).get("logout_token"), alg));
    turn = verdict;
    const { error, sub, sid } = await verdict;
    verdicts.push(await verdict);
    for (const [sessionId, subjectId] of error === undefined ? sessions : []) {
      if (sid === undefined ? subjectId === sub : sessionId === sid) sessions.delete(sessionId);
    }
    response.writeHead(error === undefined ? 200 : 400).end();
  });
  const client = {
    clientId: "shop",
    backChannelLogoutUri: party.uri,
    idTokenSignedResponseAlg: alg,
  };
  return { ...party, client, sessions, verdicts };
}

/** Signs alice in twice and bob once, at the provider and at the relying party. */
async function threeSessions(party, { registered = {}, now } = {}) {
  const client = { ...party.client, ...registered };
  const { management, signIn } = provider([{ client }], { now });
  for (const [subjectId, sessionId] of [
    ["alice", "one"],
    ["alice", "two"],
    ["bob", "three"],
  ]) {
    await signIn(subjectId, sessionId);
    party.sessions.set(sessionId, subjectId);
  }
  return management;
}

describe("a relying party with idpyoidc", { skip }, () => {
  for (const alg of ["RS256", "ES256", "PS256"]) {
    test(`accepts the token of one session, signed with ${alg}`, async (t) => {
      const party = await shop(t, { alg });
      const management = await threeSessions(party);
      const { notifications } = await management.removeSessions({ sessionId: "one" });
      assert.deepEqual(notifications, DELIVERED, JSON.stringify(party.verdicts));
      assert.deepEqual([...party.sessions.keys()], ["two", "three"]);
      const [{ iss, aud, sub, sid }] = party.verdicts;
      assert.deepEqual([iss, aud, sub, sid], [ISSUER, ["shop"], "alice", "one"]);
    });
  }

  for (const [name, registered, delivered] of [
    ["of each session", {}, 2],
    ["with only `sub`", { backChannelLogoutBy: "subject" }, 1],
  ]) {
    test(`accepts the tokens ${name} of a subject`, async (t) => {
      const party = await shop(t);
      const management = await threeSessions(party, { registered });
      const { notifications } = await management.removeSessions({ subjectId: "alice" });
      assert.deepEqual(notifications, { ...DELIVERED, delivered });
      assert.deepEqual([...party.sessions.keys()], ["three"]);
    });
  }

  for (const ahead of [1_000, -1_000]) {
    test(`accepts a token of a provider whose clock is ${ahead} ms ahead`, async (t) => {
      const party = await shop(t);
      const management = await threeSessions(party, { now: () => Date.now() + ahead });
      const { notifications } = await management.removeSessions({ sessionId: "one" });
      assert.deepEqual(notifications, DELIVERED, JSON.stringify(party.verdicts));
    });
  }

  test("accepts the same token twice, because the validator stores none", async (t) => {
    const party = await shop(t);
    const management = await threeSessions(party);
    await management.removeSessions({ sessionId: "one" });
    const body = new URLSearchParams({ logout_token: party.token() });
    assert.equal((await fetch(party.uri, { method: "POST", body })).status, 200);
    assert.deepEqual([...party.sessions.keys()], ["two", "three"]);
  });

  for (const [name, claims, error] of [
    ["for another client", { aud: "another" }, "NotForMe: Not among intended audience"],
    [
      "that was issued in the future",
      { iat: Math.floor(Date.now() / 1_000) + 600 },
      "ValueError: Invalid issued_at time",
    ],
  ]) {
    test(`refuses a token ${name}`, async (t) => {
      const party = await shop(t);
      const send = backChannelSender({ issuer: ISSUER, signingKeys, allowInsecure: true });
      const { client } = party;
      const outcome = await send(messageTo(party.uri, { client, claims }));
      assert.deepEqual([outcome.delivered, outcome.retry, outcome.status], [false, false, 400]);
      assert.deepEqual(party.verdicts, [{ error }]);
    });
  }
});
