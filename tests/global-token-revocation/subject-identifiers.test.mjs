// The subject of a request: the formats of RFC 9493, with its own examples.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { provider, requestFor, said } from "./support.mjs";

/** The identifiers that the host is asked to resolve. */
async function askedFor(subId, options) {
  const { handle, asked } = provider(options);
  const answer = await handle(requestFor({ sub_id: subId }));
  assert.ok([204, 404].includes(answer.status), await answer.text());
  return asked;
}

/** The description in the answer to a refused request. */
async function complaint(subId, options) {
  const { handle, asked } = provider(options);
  const { status, body } = await said(await handle(requestFor({ sub_id: subId })));
  assert.deepEqual(
    [status, body.error, asked],
    [400, "invalid_request", []],
    JSON.stringify(subId),
  );
  return body.error_description;
}

describe("is supported", () => {
  for (const subId of [
    { format: "account", uri: "acct:alice@example.com" },
    { format: "account", uri: "ACCT:alice%40shop.example@127.0.0.1:8080" },
    { format: "email", email: "alice@example.com" },
    { format: "email", email: "alice+tag@example.com" },
    { format: "email", email: '"alice @ home"@example.com' },
    { format: "email", email: "jürgen@bücher.example" },
    { format: "email", email: "alice@[192.0.2.1]" },
    { format: "iss_sub", iss: "https://idp.example.com/", sub: "a1" },
    { format: "opaque", id: "alice" },
    { format: "opaque", id: "\n" },
    { format: "phone_number", phone_number: "+12065550100" },
    { format: "did", url: "did:example:123456" },
    { format: "did", url: "did:example:123456/did/url/path?versionId=1#key" },
    { format: "uri", uri: "https://user.example.com/" },
    { format: "uri", uri: "urn:uuid:4e851e98-83c4-4743-a5da-150ecb53042f" },
  ]) {
    test(JSON.stringify(subId), async () => assert.deepEqual(await askedFor(subId), [subId]));
  }
});

describe("is refused", () => {
  const unsupported =
    "`sub_id.format` is not supported: use `account`, `email`, `iss_sub`, `opaque`, `phone_number`, `did`, `uri`, `aliases`";
  const noIdentifier = "`sub_id` must be a subject identifier: an object with a `format`";
  const lacks = (format, name) =>
    `\`sub_id.${name}\` is missing or malformed: see the format \`${format}\` in RFC 9493`;

  for (const format of ["saml_assertion_id", "Email", "constructor", "__proto__", "toString"]) {
    test(`the format \`${format}\``, async () =>
      assert.equal(await complaint({ format, id: "alice" }), unsupported));
  }

  for (const format of [undefined, null, "", 1, ["email"]]) {
    test(`the format ${JSON.stringify(format)}`, async () =>
      assert.equal(await complaint({ format, email: "alice@example.com" }), noIdentifier));
  }

  for (const [format, name, ...values] of [
    [
      "account",
      "uri",
      "alice@example.com",
      "acct:alice",
      "acct:@example.com",
      "acct:a b@example.com",
      "mailto:a@example.com",
    ],
    [
      "email",
      "email",
      "alice",
      "@example.com",
      "alice@",
      "alice@exam ple.com",
      "alice\n@example.com",
      "alice@example.com\n",
    ],
    ["iss_sub", "iss"],
    ["iss_sub", "sub"],
    ["opaque", "id"],
    [
      "phone_number",
      "phone_number",
      "12065550100",
      "+1 206 555 0100",
      "+1-206-555-0100",
      "+0123456",
      "+1234567890123456",
    ],
    [
      "did",
      "url",
      "example:123456",
      "did:example",
      "did:Example:1",
      "did:example:",
      "did:example:1 2",
    ],
    [
      "uri",
      "uri",
      "user.example.com",
      "/users/alice",
      "https:",
      "https://user.example.com/a b",
      "1a:b",
    ],
  ]) {
    const others = format === "iss_sub" ? { iss: "https://idp.example.com/", sub: "a1" } : {};
    for (const value of [...values, "", null, undefined, 1, ["x"], {}]) {
      test(`\`${format}\` with ${JSON.stringify(value)} for \`${name}\``, async () =>
        assert.equal(await complaint({ format, ...others, [name]: value }), lacks(format, name)));
    }
  }

  test("a member that the format doesn't have", async () => {
    const message = await complaint({ format: "email", email: "alice@example.com", id: "bob" });
    assert.equal(message, "`sub_id` must have no members except `format`, `email`");
    await complaint({ format: "opaque", id: "alice", iss: "https://idp.example.com/" });
    await complaint(JSON.parse('{"format":"opaque","id":"alice","__proto__":{}}'));
  });
});

describe("`aliases`", () => {
  const email = { format: "email", email: "alice@example.com" };
  const phone = { format: "phone_number", phone_number: "+12065550100" };
  const unknown = {
    format: "saml_assertion_id",
    issuer: "https://idp.example.com",
    assertion_id: "a1",
  };
  const aliases = (...identifiers) => ({ format: "aliases", identifiers });

  test("are looked up one by one", async () => {
    assert.deepEqual(await askedFor(aliases(email, phone, { ...email, email: "a@example.com" })), [
      email,
      phone,
      { ...email, email: "a@example.com" },
    ]);
  });

  test("find the subject, even if some match no subject", async () => {
    const { handle, signIn, sessions } = provider();
    await signIn("alice", "one");
    const subId = aliases({ format: "opaque", id: "nobody" }, phone);
    assert.equal((await handle(requestFor({ sub_id: subId }))).status, 204);
    assert.deepEqual(await sessions(), []);
  });

  test("can be the same twice", async () => {
    const { handle } = provider();
    assert.equal((await handle(requestFor({ sub_id: aliases(email, email, phone) }))).status, 204);
  });

  test("can have unsupported formats besides a supported one", async () => {
    assert.deepEqual(await askedFor(aliases(unknown, email)), [email]);
    assert.deepEqual(await askedFor(aliases(phone, email), { formats: ["aliases", "email"] }), [
      email,
    ]);
  });

  test("must have a supported one", async () => {
    assert.equal(
      await complaint(aliases(unknown)),
      "`sub_id.identifiers` has no identifier of a supported format",
    );
  });

  test("must each match its format", async () => {
    assert.equal(
      await complaint(aliases(email, { ...phone, phone_number: "206 555 0100" })),
      "`sub_id.identifiers[1].phone_number` is missing or malformed: see the format `phone_number` in RFC 9493",
    );
    assert.equal(
      await complaint(aliases(email, "alice")),
      "`sub_id.identifiers[1]` must be a subject identifier: an object with a `format`",
    );
  });

  test("must not contain `aliases`", async () => {
    assert.equal(
      await complaint(aliases(email, aliases(phone))),
      "`sub_id.identifiers[1]` must not be `aliases` again",
    );
  });

  test("must be a list of 1 to 32", async () => {
    const message = "`sub_id.identifiers` must be a list of 1 to 32 subject identifiers";
    for (const identifiers of [
      [],
      undefined,
      null,
      email,
      "alice",
      Array.from({ length: 33 }, () => email),
    ]) {
      assert.equal(await complaint({ format: "aliases", identifiers }), message);
    }
    const most = Array.from({ length: 32 }, () => email);
    assert.equal((await askedFor(aliases(...most))).length, 32);
  });

  test("must have no other member", async () => {
    assert.equal(
      await complaint({ ...aliases(email), email: "bob@example.com" }),
      "`sub_id` must have no members except `format`, `identifiers`",
    );
  });
});

test("the host chooses the supported formats", async () => {
  const options = { formats: ["email", "opaque"] };
  const message = "`sub_id.format` is not supported: use `email`, `opaque`";
  assert.equal(
    await complaint({ format: "phone_number", phone_number: "+12065550100" }, options),
    message,
  );
  assert.equal(
    await complaint(
      { format: "aliases", identifiers: [{ format: "opaque", id: "alice" }] },
      options,
    ),
    message,
  );
  assert.equal((await askedFor({ format: "opaque", id: "alice" }, options)).length, 1);
});
