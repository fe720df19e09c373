// The options of the endpoint and of the check of its callers, which are validated when they are
// created.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RollcallError } from "../../pkg/errors.js";
import { globalTokenRevocation, privateKeyJwt } from "../../pkg/global-token-revocation.js";

const OPTIONS = {
  management: { removeSessions: () => {} },
  authorize: () => false,
  resolveSubject: () => undefined,
};
const JWT_OPTIONS = {
  audience: "https://id.example.com/revoke",
  keys: () => undefined,
  isFirstUse: () => true,
};

function assertInvalid(make, message) {
  assert.throws(make, (error) => {
    assert.ok(error instanceof RollcallError);
    assert.deepEqual([error.code, error.message], ["invalid_argument", message]);
    return true;
  });
}

const notPlain = (name) => `the options of \`${name}\` must be a plain object`;

describe("the endpoint cannot be created", () => {
  const names =
    "`management`, `authorize`, `resolveSubject`, `formats`, `revokeConsents`, `reason`, `challenge`, `onError`";
  const formats =
    "`account`, `email`, `iss_sub`, `opaque`, `phone_number`, `did`, `uri`, `aliases`";
  const badFormats = `\`formats\` must be a list of at least one of ${formats}`;
  const badChallenge = "`challenge` must be the value of a `WWW-Authenticate` header";
  for (const [name, change, message] of [
    [
      "an unknown option",
      { audience: "x" },
      `the options of \`globalTokenRevocation\`: unknown option \`audience\`; the options are ${names}`,
    ],
    ["no management", { management: undefined }, "`management` must be a `SessionManagement`"],
    ["null for management", { management: null }, "`management` must be a `SessionManagement`"],
    [
      "an object that removes nothing",
      { management: {} },
      "`management` must be a `SessionManagement`",
    ],
    ["no `authorize`", { authorize: undefined }, "`authorize` must be a function"],
    ["a string for `authorize`", { authorize: "always" }, "`authorize` must be a function"],
    ["no `resolveSubject`", { resolveSubject: undefined }, "`resolveSubject` must be a function"],
    ["an `onError` that isn't a function", { onError: console }, "`onError` must be a function"],
    ["no format", { formats: [] }, badFormats],
    ["a string for formats", { formats: "email" }, badFormats],
    [
      "an unknown format",
      { formats: ["email", "fax"] },
      `\`fax\` is not a format of subject identifiers: use ${formats}`,
    ],
    [
      "undefined for a format",
      { formats: [undefined] },
      `\`undefined\` is not a format of subject identifiers: use ${formats}`,
    ],
    ["a string for consents", { revokeConsents: "all" }, "`revokeConsents` must be true or false"],
    ["a number for the reason", { reason: 1 }, "`reason` must be a string"],
    ["an empty challenge", { challenge: "" }, badChallenge],
    ["a challenge of two lines", { challenge: "Bearer\r\nset-cookie: a=b" }, badChallenge],
    ["a challenge that isn't a string", { challenge: ["Bearer"] }, badChallenge],
  ]) {
    test(`with ${name}`, () =>
      assertInvalid(() => globalTokenRevocation({ ...OPTIONS, ...change }), message));
  }

  for (const nothing of [undefined, null, {}]) {
    test(`from ${nothing}`, () =>
      assertInvalid(
        () => globalTokenRevocation(nothing),
        "`management` must be a `SessionManagement`",
      ));
  }

  for (const other of ["https://id.example.com", new Map(Object.entries(OPTIONS))]) {
    test(`from ${other}`, () =>
      assertInvalid(() => globalTokenRevocation(other), notPlain("globalTokenRevocation")));
  }

  test("but with the required options", () =>
    assert.equal(typeof globalTokenRevocation(OPTIONS), "function"));
});

describe("the check of signed tokens cannot be created", () => {
  const badAudience =
    "`audience` must be the URL of the endpoint: with https, and without query and fragment";
  const badKeys =
    "`keys` must be a function, or a Map or plain object of keys by issuer, each an https URL";
  for (const [name, change, message] of [
    [
      "an unknown option",
      { issuer: "x" },
      "the options of `privateKeyJwt`: unknown option `issuer`; the options are `audience`, `keys`, `isFirstUse`",
    ],
    ["no audience", { audience: undefined }, badAudience],
    ["an audience with http", { audience: "http://id.example.com/revoke" }, badAudience],
    [
      "an audience with a query",
      { audience: "https://id.example.com/revoke?tenant=1" },
      badAudience,
    ],
    ["an audience with a fragment", { audience: "https://id.example.com/revoke#" }, badAudience],
    ["an audience that isn't a URL", { audience: "https://" }, badAudience],
    ["a list of audiences", { audience: ["https://id.example.com/revoke"] }, badAudience],
    ["no keys", { keys: undefined }, badKeys],
    ["a list for keys", { keys: [] }, badKeys],
    ["a promise for keys", { keys: Promise.resolve({}) }, badKeys],
    ["a string for keys", { keys: "https://idp.example.com/" }, badKeys],
    ["keys without an issuer", { keys: { keys: [] } }, badKeys],
    ["an issuer with http", { keys: { "http://idp.example.com/": { keys: [] } } }, badKeys],
    ["an issuer that is a number", { keys: new Map([[1, { keys: [] }]]) }, badKeys],
    ["no `isFirstUse`", { isFirstUse: undefined }, "`isFirstUse` must be a function"],
  ]) {
    test(`with ${name}`, () =>
      assertInvalid(() => privateKeyJwt({ ...JWT_OPTIONS, ...change }), message));
  }

  for (const nothing of [undefined, null, {}]) {
    test(`from ${nothing}`, () => assertInvalid(() => privateKeyJwt(nothing), badAudience));
  }

  for (const other of ["https://id.example.com", new Map(Object.entries(JWT_OPTIONS))]) {
    test(`from ${other}`, () =>
      assertInvalid(() => privateKeyJwt(other), notPlain("privateKeyJwt")));
  }
});
