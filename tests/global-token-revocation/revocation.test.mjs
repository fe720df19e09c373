// The effects of a granted request: section 3.3 of the draft.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ALICE, provider, requestFor } from "./support.mjs";

/** Alice twice and Bob once, each with every type of grant. */
async function signedIn(options, members) {
  const all = provider(options, members);
  await all.signIn("alice", "one");
  await all.signIn("alice", "two");
  await all.signIn("bob", "bob's");
  for (const subjectId of ["alice", "bob"]) {
    for (const type of [
      "refresh_token",
      "reference_token",
      "authorization_code",
      "ciba",
      "user_consent",
      "device",
    ]) {
      await all.grant(subjectId, type);
    }
  }
  return all;
}

const EVERYTHING = [
  "authorization_code",
  "ciba",
  "device",
  "reference_token",
  "refresh_token",
  "user_consent",
];

test("all sessions and tokens of the subject end, and no others", async () => {
  const { handle, sessions, grants } = await signedIn();
  const response = await handle(requestFor(ALICE));
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(await sessions(), ["bob's"]);
  assert.deepEqual(await grants("alice"), ["device", "user_consent"]);
  assert.deepEqual(await grants("bob"), EVERYTHING);
});

test("with `revokeConsents` consents end too, and every other type of grant", async () => {
  const { handle, grants } = await signedIn({ revokeConsents: true });
  assert.equal((await handle(requestFor(ALICE))).status, 204);
  assert.deepEqual(await grants("alice"), []);
  assert.deepEqual(await grants("bob"), EVERYTHING);
});

test("clients are notified of each session before the answer", async () => {
  const { handle, sent } = await signedIn();
  await handle(requestFor(ALICE));
  assert.deepEqual(sent.sort(), [
    ["shop", "alice", "one"],
    ["shop", "alice", "two"],
  ]);
});

test("a client that can't be notified doesn't change the answer", async () => {
  const { handle, sessions } = await signedIn(
    {},
    { sendLogout: () => Promise.reject(new Error("no network")) },
  );
  assert.equal((await handle(requestFor(ALICE))).status, 204);
  assert.deepEqual(await sessions(), ["bob's"]);
});

describe("the event log has", () => {
  const logged = ({ events }) =>
    events
      .filter(({ type }) => type === "session_removed")
      .map(({ sessionId, reason, actor }) => [sessionId, reason, actor]);

  test("the caller, and this endpoint as the reason", async () => {
    const all = await signedIn();
    await all.handle(requestFor(ALICE));
    assert.deepEqual(logged(all), [
      ["one", "global token revocation", "siem"],
      ["two", "global token revocation", "siem"],
    ]);
  });

  test("another reason, if the host sets one", async () => {
    const all = await signedIn({ reason: "incident response" });
    await all.handle(requestFor(ALICE));
    assert.deepEqual(logged(all)[0], ["one", "incident response", "siem"]);
  });

  test("no actor, if `authorize` returns none", async () => {
    const all = await signedIn({ authorize: () => true });
    await all.handle(requestFor(ALICE));
    assert.deepEqual(logged(all)[0], ["one", "global token revocation", undefined]);
  });
});

test("a repeated request succeeds", async () => {
  const { handle } = await signedIn();
  assert.equal((await handle(requestFor(ALICE))).status, 204);
  assert.equal((await handle(requestFor(ALICE))).status, 204);
});

test("concurrent requests all succeed, and each client is notified of each session once", async () => {
  const { handle, sessions, sent } = await signedIn();
  const responses = await Promise.all(Array.from({ length: 10 }, () => handle(requestFor(ALICE))));
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([204]));
  assert.deepEqual(await sessions(), ["bob's"]);
  assert.deepEqual(sent.sort(), [
    ["shop", "alice", "one"],
    ["shop", "alice", "two"],
  ]);
});

test("a caller that disconnects doesn't stop the revocation", async () => {
  const { handle, sessions, grants } = await signedIn();
  const caller = new AbortController();
  const answer = handle(requestFor(ALICE, { signal: caller.signal }));
  // By then it has read the request, and is resolving the subject or removing.
  await new Promise(setImmediate);
  caller.abort();
  assert.equal((await answer).status, 204);
  assert.deepEqual(await sessions(), ["bob's"]);
  assert.deepEqual(await grants("alice"), ["device", "user_consent"]);
});

describe("of a subject at one of several issuers", () => {
  const [NORTH, SOUTH] = ["https://north.example.com", "https://south.example.com"];
  const tenants = async (resolveSubject) => {
    const all = provider({ resolveSubject }, { issuers: [NORTH, SOUTH] });
    await all.signIn("alice", "north", NORTH);
    await all.signIn("alice", "south", SOUTH);
    return all;
  };

  test("the sessions at the other issuers remain", async () => {
    const { handle, sessions, sent } = await tenants(() => ({ subjectId: "alice", issuer: NORTH }));
    assert.equal((await handle(requestFor(ALICE))).status, 204);
    assert.deepEqual(await sessions(), ["south"]);
    assert.deepEqual(sent, [["shop", "alice", "north"]]);
  });

  test("two identifiers must have the same issuer", async () => {
    const issuers = [NORTH, SOUTH];
    const { handle, sessions } = await tenants(() => ({
      subjectId: "alice",
      issuer: issuers.shift(),
    }));
    const identifiers = [ALICE.sub_id, { format: "opaque", id: "alice" }];
    const both = { sub_id: { format: "aliases", identifiers } };
    assert.equal((await handle(requestFor(both))).status, 422);
    assert.deepEqual(await sessions(), ["north", "south"]);
  });

  for (const resolved of [{ subjectId: "alice" }, { issuer: NORTH }, "", 5, ["alice"]]) {
    test(`${JSON.stringify(resolved)} is not a subject`, async () => {
      const { handle, sessions, errors } = await tenants(() => resolved);
      assert.equal((await handle(requestFor(ALICE))).status, 500);
      assert.deepEqual(
        errors.map(({ code, message }) => [code, message]),
        [
          [
            "invalid_argument",
            "`resolveSubject` must return a subject id, `{ subjectId, issuer }`, or undefined if there is none",
          ],
        ],
      );
      assert.deepEqual(await sessions(), ["north", "south"]);
    });
  }
});
