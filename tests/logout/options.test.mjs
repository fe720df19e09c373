// The options of the sender, which are checked when it's created.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RollcallError } from "../../pkg/errors.js";
import { backChannelSender } from "../../pkg/logout.js";
import { ISSUER, keyPair, providerKey } from "./support.mjs";

const OPTIONS = { issuer: ISSUER, signingKeys: [providerKey.privateJwk] };
const rsa = (await keyPair("RS256")).privateJwk;
const key = providerKey.privateJwk;

function assertInvalid(options, message) {
  assert.throws(
    () => backChannelSender(options),
    (error) => {
      assert.ok(error instanceof RollcallError);
      assert.equal(error.code, "invalid_argument");
      assert.equal(error.message, message);
      return true;
    },
  );
}

describe("the sender cannot be created", () => {
  const names =
    "`issuer`, `signingKeys`, `clientSecret`, `fetch`, `proxy`, `timeout`, `allowInsecure`, `resolve`";
  const options = "the options of `backChannelSender`";
  const badIssuer =
    "`issuer` must be the provider's issuer identifier: a URL without query and fragment";
  const plainIssuer = "`issuer` must be an https URL, or `allowInsecure` must allow http";
  const badAllowance =
    "`allowInsecure` must be true, false, or a plain object with `http` and `privateAddresses`";
  const badTimeout = "`timeout` must be a whole number of milliseconds from 1 to 120000";
  for (const [name, change, message] of [
    [
      "an unknown option",
      { clients: () => {} },
      `${options}: unknown option \`clients\`; the options are ${names}`,
    ],
    ["no issuer", { issuer: undefined }, badIssuer],
    ["an issuer that isn't a URL", { issuer: "id.example.com" }, badIssuer],
    ["an issuer with a query", { issuer: "https://id.example.com?tenant=1" }, badIssuer],
    ["an issuer with a fragment", { issuer: "https://id.example.com#" }, badIssuer],
    ["an issuer with http", { issuer: "http://id.example.com" }, plainIssuer],
    [
      "an issuer with http",
      { issuer: "http://id.example.com", allowInsecure: { privateAddresses: true } },
      plainIssuer,
    ],
    ["an issuer of another scheme", { issuer: "urn:id", allowInsecure: true }, plainIssuer],
    [
      "a secret that isn't a function",
      { clientSecret: "secret" },
      "`clientSecret` must be a function",
    ],
    ["a fetch that isn't a function", { fetch: {} }, "`fetch` must be a function"],
    ["null for fetch", { fetch: null }, "`fetch` must be a function"],
    [
      "a resolve that isn't a function",
      { resolve: ["93.184.216.34"] },
      "`resolve` must be a function",
    ],
    ["the URL of a proxy", { proxy: "http://proxy" }, '`proxy` must be "environment"'],
    ["null for proxy", { proxy: null }, '`proxy` must be "environment"'],
    [
      "a proxy and a fetch",
      { proxy: "environment", fetch },
      "`proxy` doesn't apply to your own `fetch`: pass only one of the two",
    ],
    ["a timeout of 0", { timeout: 0 }, badTimeout],
    ["a negative timeout", { timeout: -1 }, badTimeout],
    ["a fraction of a millisecond", { timeout: 0.5 }, badTimeout],
    ["an infinite timeout", { timeout: Number.POSITIVE_INFINITY }, badTimeout],
    ["a timeout longer than a token is valid", { timeout: 120_001 }, badTimeout],
    ["a timeout as a string", { timeout: "5000" }, badTimeout],
    ["a string for allowInsecure", { allowInsecure: "http" }, badAllowance],
    ["a number for allowInsecure", { allowInsecure: 1 }, badAllowance],
    ["a map for allowInsecure", { allowInsecure: new Map([["http", true]]) }, badAllowance],
    [
      "an unknown name in allowInsecure",
      { allowInsecure: { private: true } },
      "`allowInsecure`: unknown option `private`; the options are `http`, `privateAddresses`",
    ],
    [
      "a string in allowInsecure",
      { allowInsecure: { http: "yes" } },
      "`allowInsecure.http` must be true or false",
    ],
  ]) {
    test(`with ${name}`, () => assertInvalid({ ...OPTIONS, ...change }, message));
  }

  for (const nothing of [undefined, null, {}]) {
    test(`from ${nothing}`, () => assertInvalid(nothing, badIssuer));
  }

  for (const other of ["https://id.example.com", new Map(Object.entries(OPTIONS)), [OPTIONS]]) {
    test(`from ${other}`, () => assertInvalid(other, `${options} must be a plain object`));
  }
});

describe("a signing key is refused", () => {
  const noKeys =
    "`signingKeys` must be an array of private JWKs with at least one, or a function that signs";
  const without = (member, from = key) => ({ ...from, [member]: undefined });
  const lacks = (member) =>
    `\`signingKeys[0]\` must be a private JWK with the member \`${member}\``;
  for (const [name, signingKeys, message] of [
    ["if there is none", undefined, noKeys],
    ["if the list is empty", [], noKeys],
    ["if it isn't a list", key, noKeys],
    ["if it is null", [null], lacks("kid")],
    ["if it is PEM", ["-----BEGIN PRIVATE KEY-----"], lacks("kid")],
    ["without an id", [without("kid")], lacks("kid")],
    ["with an empty id", [{ ...key, kid: "" }], lacks("kid")],
    ["without an algorithm", [without("alg")], lacks("alg")],
    ["without a type", [without("kty")], lacks("kty")],
    ["if it is public", [providerKey.publicJwk], lacks("d")],
    ["if a member is missing", [without("qi", rsa)], lacks("qi")],
    [
      "of another type",
      [{ ...key, alg: "RS256" }],
      "`signingKeys[0]` has the algorithm `RS256`, which needs a key of type RSA",
    ],
    [
      "on another curve",
      [{ ...key, alg: "ES384" }],
      "`signingKeys[0]` has the algorithm `ES384`, which needs a key of type EC P-384",
    ],
    [
      "for unsigned tokens",
      [{ ...key, alg: "none" }],
      "`signingKeys[0]` has the algorithm `none`, which is not supported here; use a function that signs",
    ],
    [
      "that is symmetric",
      [{ kty: "oct", k: "AAAA", kid: "1", alg: "HS256" }],
      "`signingKeys[0]` has the algorithm `HS256`, which is not supported here; its key is the client's secret: set `clientSecret`",
    ],
    [
      "of 1024 bits",
      [{ ...rsa, n: rsa.n.slice(0, 171) }],
      "`signingKeys[0]` is too short: an RSA key needs at least 2048 bits",
    ],
    ["in the second place", [key, without("d")], lacks("d").replace("0", "1")],
  ]) {
    test(name, () => assertInvalid({ ...OPTIONS, signingKeys }, message));
  }

  test("without revealing the key in the error", () => {
    assert.throws(
      () => backChannelSender({ ...OPTIONS, signingKeys: [{ ...rsa, kid: undefined }] }),
      ({ message }) =>
        !Object.values(rsa).some((value) => value.length > 16 && message.includes(value)),
    );
  });
});

test("http is allowed for the issuer if it is for clients", () => {
  for (const allowInsecure of [true, { http: true }]) {
    assert.equal(
      typeof backChannelSender({ ...OPTIONS, issuer: "http://localhost:3000", allowInsecure }),
      "function",
    );
  }
});
