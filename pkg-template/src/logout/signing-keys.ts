/**
 * The provider's private keys, all checked before the first one is used.
 *
 * @module
 */
import type { JWK } from "jose";
import { invalidArgument } from "../errors.js";
import { jwkOf } from "./jwk.js";
import { stringMember } from "./untrusted.js";

/**
 * A private key as a JSON Web Key (RFC 7517), with `kid` and `alg`, like those of the provider's
 * key set.
 *
 * @example
 * import { generateKeyPairSync } from "node:crypto";
 *
 * const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
 * const key: SigningKey = { ...privateKey.export({ format: "jwk" }), kid: "2026", alg: "ES256" };
 */
export interface SigningKey {
  /** Required. It allows `undefined` only to accept the type of `node:crypto`. */
  kty?: string | undefined;
  kid: string;
  alg: string;
  [member: string]: unknown;
}

/** A key that matches its algorithm. */
export interface CheckedKey {
  kid: string;
  alg: string;
  jwk: JWK;
}

/**
 * The members that a key must have, by algorithm (RFC 7518, section 3.1, RFC 8037 and RFC 9864).
 */
interface KeyShape {
  kty: string;
  crv?: string;
  members: readonly string[];
}

const RSA: KeyShape = { kty: "RSA", members: ["n", "e", "d", "p", "q", "dp", "dq", "qi"] };
const ED25519: KeyShape = { kty: "OKP", crv: "Ed25519", members: ["x", "d"] };
const ecKey = (crv: string): KeyShape => ({ kty: "EC", crv, members: ["x", "y", "d"] });

const KEY_SHAPES: ReadonlyMap<string, KeyShape> = new Map([
  ["RS256", RSA],
  ["RS384", RSA],
  ["RS512", RSA],
  ["PS256", RSA],
  ["PS384", RSA],
  ["PS512", RSA],
  ["ES256", ecKey("P-256")],
  ["ES384", ecKey("P-384")],
  ["ES512", ecKey("P-521")],
  ["EdDSA", ED25519],
  ["Ed25519", ED25519],
]);

/** 2048 bits (RFC 7518, section 3.3), in base64url characters. */
const SHORTEST_MODULUS = 342;

/** @throws {RollcallError} `invalid_argument`, naming the key and the problem. */
export function checkedKeys(keys: unknown): CheckedKey[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw invalidArgument(
      "`signingKeys` must be an array of private JWKs with at least one, or a function that signs",
    );
  }
  return keys.map((key: unknown, index) => checkedKey(key, `\`signingKeys[${index}]\``));
}

function checkedKey(key: unknown, name: string): CheckedKey {
  const required = (member: string): string => {
    const value = stringMember(key, member);
    if (value === undefined) {
      throw invalidArgument(`${name} must be a private JWK with the member \`${member}\``);
    }
    return value;
  };
  const kid = required("kid");
  const alg = required("alg");
  const shape = KEY_SHAPES.get(alg);
  if (shape === undefined) {
    const advice = alg.startsWith("HS")
      ? "its key is the client's secret: set `clientSecret`"
      : "use a function that signs";
    throw invalidArgument(
      `${name} has the algorithm \`${alg}\`, which is not supported here; ${advice}`,
    );
  }
  if (required("kty") !== shape.kty || (shape.crv !== undefined && required("crv") !== shape.crv)) {
    throw invalidArgument(
      `${name} has the algorithm \`${alg}\`, which needs a key of type ${shape.kty} ${shape.crv ?? ""}`.trimEnd(),
    );
  }
  shape.members.forEach(required);
  if (shape.kty === "RSA" && required("n").length < SHORTEST_MODULUS) {
    throw invalidArgument(`${name} is too short: an RSA key needs at least 2048 bits`);
  }
  return { kid, alg, jwk: jwkOf(key, ["kty", "crv", ...shape.members]) };
}
