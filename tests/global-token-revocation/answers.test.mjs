// The answers of the endpoint: section 3.4.2 of the draft, and HTTP.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { RollcallError, SessionManagement } from "../../pkg/entry/node.js";
import { ALICE, ENDPOINT, provider, requestFor, said } from "./support.mjs";

const LIMIT = 16_384;

/** The endpoint, with a session of alice, which must refuse the request. */
async function refused(request, status, error, options = {}, members = {}) {
  const { handle, signIn, sessions, errors } = provider(options, members);
  await signIn("alice", "one");
  const answer = await said(await handle(request));
  assert.deepEqual([answer.status, answer.body.error], [status, error]);
  assert.match(answer.body.error_description, /^[a-z`].*[^.]$/);
  assert.deepEqual(Object.keys(answer.body), ["error", "error_description"]);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  if (members.sessions === undefined) assert.deepEqual(await sessions(), ["one"]);
  return { ...answer, errors };
}

describe("405: a method other than POST", () => {
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    test(method, async () => {
      const authorize = () => assert.fail("`authorize` was called");
      const { headers } = await refused(
        new Request(ENDPOINT, { method }),
        405,
        "method_not_allowed",
        { authorize },
      );
      assert.equal(headers.get("allow"), "POST");
    });
  }
});

describe("401: the caller is unknown", () => {
  test("with invalid credentials", async () => {
    const { headers } = await refused(requestFor(ALICE), 401, "unauthenticated", {
      authorize: async () => false,
    });
    assert.equal(headers.get("www-authenticate"), 'Bearer error="invalid_token"');
  });

  test("without credentials, and so without an error in the challenge", async () => {
    const request = requestFor(ALICE, { headers: { authorization: undefined } });
    const { headers } = await refused(request, 401, "unauthenticated", { authorize: () => false });
    assert.equal(headers.get("www-authenticate"), "Bearer");
  });

  test("with the challenge of the host", async () => {
    const options = { authorize: () => false, challenge: 'Basic realm="revocation"' };
    const { headers } = await refused(requestFor(ALICE), 401, "unauthenticated", options);
    assert.equal(headers.get("www-authenticate"), 'Basic realm="revocation"');
  });

  test("before the body is read", async () => {
    const request = requestFor("no JSON", { headers: { "content-type": "text/plain" } });
    await refused(request, 401, "unauthenticated", { authorize: () => false });
    assert.equal(request.bodyUsed, false);
  });
});

describe("403: the caller lacks permission", () => {
  test("with a challenge that names the missing permission", async () => {
    const { headers } = await refused(requestFor(ALICE), 403, "forbidden", {
      authorize: async () => "forbidden",
    });
    assert.equal(headers.get("www-authenticate"), 'Bearer error="insufficient_scope"');
  });

  test("without one, if the host's challenge isn't for bearer tokens", async () => {
    const options = { authorize: () => "forbidden", challenge: "Basic" };
    const { headers } = await refused(requestFor(ALICE), 403, "forbidden", options);
    assert.equal(headers.get("www-authenticate"), null);
  });
});

describe("415: another media type", () => {
  for (const type of [
    undefined,
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json5",
    "application/ld+json",
  ]) {
    test(`${type}`, async () => {
      const body = new TextEncoder().encode(JSON.stringify(ALICE));
      const request = requestFor("", { body, headers: { "content-type": type } });
      await refused(request, 415, "unsupported_media_type");
    });
  }

  for (const type of [
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json ;charset=utf-8",
  ]) {
    test(`but not ${type}`, async () => {
      const { handle } = provider();
      assert.equal(
        (await handle(requestFor(ALICE, { headers: { "content-type": type } }))).status,
        204,
      );
    });
  }
});

describe("413: a body of more than 16 KiB", () => {
  const padded = (length) => JSON.stringify(ALICE).padEnd(length, " ");

  test("in one piece", () => refused(requestFor(padded(LIMIT + 1)), 413, "content_too_large"));

  test("that never ends", async () => {
    let chunks = 0;
    const pull = (controller) => {
      chunks += 1;
      controller.enqueue(new Uint8Array(1_000).fill(0x20));
    };
    await refused(requestFor(new ReadableStream({ pull })), 413, "content_too_large");
    assert.ok(chunks < 20, `${chunks}`);
  });

  test("but not one of exactly 16 KiB", async () => {
    const { handle } = provider();
    assert.equal((await handle(requestFor(padded(LIMIT)))).status, 204);
  });
});

describe("400: a malformed body", () => {
  for (const [name, body] of [
    ["nothing", ""],
    ["invalid JSON", "sub_id=alice"],
    ["incomplete JSON", JSON.stringify(ALICE).slice(0, -1)],
    ["null", "null"],
    ["a list", JSON.stringify([ALICE])],
    ["a string", '"alice"'],
    ["without `sub_id`", {}],
    ["with a string for `sub_id`", { sub_id: "alice" }],
    ["with null for `sub_id`", { sub_id: null }],
    ["with a list for `sub_id`", { sub_id: [ALICE.sub_id] }],
    [
      "with a member besides `sub_id`, which might restrict the request",
      { ...ALICE, client_id: "shop" },
    ],
  ]) {
    test(name, () => refused(requestFor(body), 400, "invalid_request"));
  }

  test("that isn't UTF-8", async () => {
    const body = new Uint8Array([
      ...new TextEncoder().encode('{"sub_id":{"format":"opaque","id":"'),
      0xff,
      0x22,
      0x7d,
      0x7d,
    ]);
    await refused(requestFor("", { body }), 400, "invalid_request");
  });

  test("that breaks off", async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error("connection reset")),
    });
    const { errors } = await refused(requestFor(body), 400, "invalid_request");
    assert.deepEqual(errors, []);
  });

  test("that is missing", async () => {
    const headers = { "content-type": "application/json" };
    await refused(new Request(ENDPOINT, { method: "POST", headers }), 400, "invalid_request");
  });
});

describe("404: no subject has the identifier", () => {
  for (const none of [undefined, null]) {
    test(`if the host returns ${none}`, async () => {
      await refused(requestFor(ALICE), 404, "user_not_found", {
        resolveSubject: async () => none,
      });
    });
  }

  for (const [what, subjectId] of [
    ["has NUL", "alice\0"],
    ["has an unpaired surrogate", "alice\ud800"],
    ["is longer than any id", "a".repeat(256)],
  ]) {
    test(`if the id ${what}`, async () => {
      await refused(requestFor(ALICE), 404, "user_not_found", { resolveSubject: () => subjectId });
    });
  }

  test("that this caller may revoke", async () => {
    const options = {
      authorize: () => ({ actor: "idp of acme", tenant: "acme" }),
      resolveSubject: (_, { tenant }) => (tenant === "umbrella" ? "alice" : undefined),
    };
    await refused(requestFor(ALICE), 404, "user_not_found", options);
  });
});

describe("422: the user can't be logged out", () => {
  test("because the identifiers are of different users", async () => {
    const identifiers = ["alice@example.com", "bob@example.com"].map((email) => ({
      format: "email",
      email,
    }));
    await refused(
      requestFor({ sub_id: { format: "aliases", identifiers } }),
      422,
      "ambiguous_subject",
    );
  });
});

describe("500 and 503: an internal error, which reveals nothing", () => {
  const secret = "password of the database";
  const throwing = () => {
    throw new Error(secret);
  };

  for (const [name, options] of [
    ["`authorize` throws", { authorize: throwing }],
    ["`authorize` rejects", { authorize: async () => throwing() }],
    ["`resolveSubject` throws", { resolveSubject: throwing }],
    ["`resolveSubject` rejects", { resolveSubject: async () => throwing() }],
    ["the removal fails for an unknown reason", { management: { removeSessions: throwing } }],
  ]) {
    test(`500, if ${name}`, async () => {
      const { body, errors } = await refused(requestFor(ALICE), 500, "server_error", options);
      assert.ok(!JSON.stringify(body).includes(secret));
      assert.deepEqual(errors.map(String), [`Error: ${secret}`]);
    });
  }

  const wrong = (name) => `\`${name}\` must return `;
  for (const [name, returned] of [
    ["authorize", undefined],
    ["authorize", null],
    ["authorize", "unauthenticated"],
    ["authorize", 1],
    ["resolveSubject", ""],
    ["resolveSubject", false],
    ["resolveSubject", { subjectId: "alice" }],
  ]) {
    test(`500, if \`${name}\` returns ${JSON.stringify(returned)}`, async () => {
      const { errors } = await refused(requestFor(ALICE), 500, "server_error", {
        [name]: () => returned,
      });
      const [error] = errors;
      assert.ok(error instanceof RollcallError);
      assert.equal(error.code, "invalid_argument");
      assert.ok(error.message.startsWith(wrong(name)), error.message);
    });
  }

  test("500, if the body was already read", async () => {
    const options = {
      authorize: async (request) => {
        await request.text();
        return true;
      },
    };
    const { errors } = await refused(requestFor(ALICE), 500, "server_error", options);
    assert.match(errors[0].message, /^the body was already read: /);
  });

  test("500, if the host has no grants: a 204 would hide that tokens remain valid", async () => {
    const { sessions } = memoryStores();
    const { handle, errors } = provider({ management: new SessionManagement({ sessions }) });
    assert.equal((await handle(requestFor(ALICE))).status, 500);
    assert.equal(errors[0].code, "not_configured");
  });

  test("503, if a store fails", async () => {
    const sessions = {
      ...provider().host.sessions,
      list: async () => throwing(),
      create: () => undefined,
    };
    const { body, errors } = await refused(
      requestFor(ALICE),
      503,
      "temporarily_unavailable",
      {},
      { sessions },
    );
    assert.ok(!JSON.stringify(body).includes(secret));
    assert.equal(errors[0].code, "store_failed");
    assert.equal(errors[0].cause.message, secret);
  });
});

describe("an internal error", () => {
  test("goes to the console by default", async (t) => {
    const logged = t.mock.method(console, "error", () => undefined);
    const { handle } = provider({
      authorize: () => Promise.reject(new Error("no directory")),
      onError: undefined,
    });
    assert.equal((await handle(requestFor(ALICE))).status, 500);
    assert.equal(logged.mock.callCount(), 1);
    const [text, error] = logged.mock.calls[0].arguments;
    assert.equal(text, "rollcall: a global token revocation failed:");
    assert.match(error, /^Error\n +at /);
  });

  const full = new Error("the log is full");
  for (const [how, onError] of [
    [
      "throws",
      () => {
        throw full;
      },
    ],
    ["rejects", () => Promise.reject(full)],
  ]) {
    test(`is answered even if \`onError\` ${how}`, async (t) => {
      const logged = t.mock.method(console, "error", () => undefined);
      const { handle } = provider({ authorize: () => undefined, onError });
      assert.equal((await handle(requestFor(ALICE))).status, 500);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(logged.mock.callCount(), 1);
      const [text, error] = logged.mock.calls[0].arguments;
      assert.equal(text, "rollcall: `onError` threw:");
      assert.match(error, /^Error\n +at /);
    });
  }
});
