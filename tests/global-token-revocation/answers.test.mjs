// How the endpoint answers: section 3.4.2 of the draft, and HTTP.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { RollcallError, SessionManagement } from "../../pkg/entry/node.js";
import { ALICE, ENDPOINT, provider, requestFor, said } from "./support.mjs";

const LIMIT = 16_384;

/** The endpoint, with a session of alice's, that must refuse. */
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

describe("405: another method than POST", () => {
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    test(method, async () => {
      const authorize = () => assert.fail("nobody need authenticate for that");
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

describe("401: nobody knows who calls", () => {
  test("with credentials that are no good", async () => {
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

  test("before a word of the body is read", async () => {
    const request = requestFor("no JSON", { headers: { "content-type": "text/plain" } });
    await refused(request, 401, "unauthenticated", { authorize: () => false });
    assert.equal(request.bodyUsed, false);
  });
});

describe("403: the caller may not", () => {
  test("with a challenge that says what is missing", async () => {
    const { headers } = await refused(requestFor(ALICE), 403, "forbidden", {
      authorize: async () => "forbidden",
    });
    assert.equal(headers.get("www-authenticate"), 'Bearer error="insufficient_scope"');
  });

  test("without one, where the host's is not of bearer tokens", async () => {
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

  test("but not one of just as much", async () => {
    const { handle } = provider();
    assert.equal((await handle(requestFor(padded(LIMIT)))).status, 204);
  });
});

describe("400: a body that is not as it must be", () => {
  for (const [name, body] of [
    ["nothing", ""],
    ["no JSON", "sub_id=alice"],
    ["half of it", JSON.stringify(ALICE).slice(0, -1)],
    ["null", "null"],
    ["a list", JSON.stringify([ALICE])],
    ["a text", '"alice"'],
    ["without `sub_id`", {}],
    ["with a text for `sub_id`", { sub_id: "alice" }],
    ["with null for `sub_id`", { sub_id: null }],
    ["with a list for `sub_id`", { sub_id: [ALICE.sub_id] }],
    ["with more than `sub_id`, which might have meant less", { ...ALICE, client_id: "shop" }],
  ]) {
    test(name, () => refused(requestFor(body), 400, "invalid_request"));
  }

  test("that is no UTF-8", async () => {
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

  test("that is not there", async () => {
    const headers = { "content-type": "application/json" };
    await refused(new Request(ENDPOINT, { method: "POST", headers }), 400, "invalid_request");
  });
});

describe("404: nobody has the identifier", () => {
  for (const nobody of [undefined, null]) {
    test(`when the host says ${nobody}`, async () => {
      await refused(requestFor(ALICE), 404, "user_not_found", {
        resolveSubject: async () => nobody,
      });
    });
  }

  for (const [what, subjectId] of [
    ["has NUL", "alice\0"],
    ["has half a character", "alice\ud800"],
    ["is longer than any id", "a".repeat(256)],
  ]) {
    test(`when the id ${what}`, async () => {
      await refused(requestFor(ALICE), 404, "user_not_found", { resolveSubject: () => subjectId });
    });
  }

  test("whom this caller has a say over", async () => {
    const options = {
      authorize: () => ({ actor: "idp of acme", tenant: "acme" }),
      resolveSubject: (_, { tenant }) => (tenant === "umbrella" ? "alice" : undefined),
    };
    await refused(requestFor(ALICE), 404, "user_not_found", options);
  });
});

describe("422: the user cannot be logged out", () => {
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

describe("500 and 503: it is not the caller's fault, and nothing is said of what is inside", () => {
  const secret = "password of the database";
  const throwing = () => {
    throw new Error(secret);
  };

  for (const [name, options] of [
    ["`authorize` throws", { authorize: throwing }],
    ["`authorize` rejects", { authorize: async () => throwing() }],
    ["`resolveSubject` throws", { resolveSubject: throwing }],
    ["`resolveSubject` rejects", { resolveSubject: async () => throwing() }],
    [
      "the removal fails for a reason that nobody knows",
      { management: { removeSessions: throwing } },
    ],
  ]) {
    test(`500, when ${name}`, async () => {
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
    test(`500, when \`${name}\` returns ${JSON.stringify(returned)}`, async () => {
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

  test("500, when the host has no grants: a 204 would hide that tokens live on", async () => {
    const { sessions } = memoryStores();
    const { handle, errors } = provider({ management: new SessionManagement({ sessions }) });
    assert.equal((await handle(requestFor(ALICE))).status, 500);
    assert.equal(errors[0].code, "not_configured");
  });

  test("503, when a store fails", async () => {
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

describe("an error that is not the caller's fault", () => {
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
    test(`is answered all the same, when \`onError\` ${how}`, async (t) => {
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
