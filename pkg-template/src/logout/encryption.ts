/**
 * Encrypts logout tokens for the clients whose ID tokens are encrypted (OpenID Connect Back-Channel
 * Logout 1.0, sections 2.4 and 2.6), with the same algorithms and keys (OpenID Connect Core 1.0,
 * section 10.2).
 *
 * @module
 */
import { CompactEncrypt, type JWK } from "jose";
import type { Client } from "../types.js";
import type { ClientKeys } from "./client-keys.js";
import { type ClientSecret, secretOf } from "./client-secret.js";
import { DeliveryFailure, describe } from "./delivery-failure.js";

/** The key management algorithms that use a public key of the client (RFC 7518, section 4.1). */
const PUBLIC_KEY_ALGORITHM = /^(?:RSA-OAEP(?:-256|-384|-512)?|ECDH-ES(?:\+A(?:128|192|256)KW)?)$/;

/**
 * The algorithms that use a key derived from the client's secret; the number is its length in bits.
 */
const SECRET_KEY_ALGORITHM = /^A(128|192|256)(?:GCM)?KW$/;

/** The key length of each content encryption algorithm, in bits (RFC 7518, section 5.1). */
const CONTENT_KEY_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["A128CBC-HS256", 256],
  ["A192CBC-HS384", 384],
  ["A256CBC-HS512", 512],
  ["A128GCM", 128],
  ["A192GCM", 192],
  ["A256GCM", 256],
]);

/**
 * Nests a signed token in an encrypted one. Returns it unchanged if the client's registration asks
 * for no encryption.
 */
export async function encrypted(
  token: string,
  issuer: string,
  client: Client,
  keys: ClientKeys,
  clientSecret: ClientSecret | undefined,
  signal: AbortSignal,
): Promise<string> {
  const alg = client.idTokenEncryptedResponseAlg;
  if (alg == null) {
    return token;
  }
  const enc = client.idTokenEncryptedResponseEnc ?? "A128CBC-HS256";
  const contentKeyLength = CONTENT_KEY_LENGTHS.get(enc);
  if (contentKeyLength === undefined) {
    throw new DeliveryFailure(
      `the client's \`idTokenEncryptedResponseEnc\` is \`${enc}\`, which is not supported`,
    );
  }
  const key = await encryptionKey(alg, contentKeyLength, client, keys, clientSecret, signal);
  const kid = key instanceof Uint8Array ? undefined : key.kid;
  try {
    return await new CompactEncrypt(new TextEncoder().encode(token))
      // `cty` marks a nested JWT (RFC 7519, section 5.2). `iss` is repeated unencrypted, so that a
      // client of several providers finds the key to decrypt with (OpenID Connect Back-Channel
      // Logout 1.0, section 2.4).
      .setProtectedHeader({ alg, enc, cty: "JWT", ...(kid !== undefined && { kid }), iss: issuer })
      .encrypt(key);
  } catch (thrown) {
    throw new DeliveryFailure(`cannot encrypt with \`${alg}\` and \`${enc}\`: ${describe(thrown)}`);
  }
}

async function encryptionKey(
  alg: string,
  contentKeyLength: number,
  client: Client,
  keys: ClientKeys,
  clientSecret: ClientSecret | undefined,
  signal: AbortSignal,
): Promise<JWK | Uint8Array> {
  if (PUBLIC_KEY_ALGORITHM.test(alg)) {
    return keys.forEncryption(client, alg, signal);
  }
  const length = alg === "dir" ? contentKeyLength : Number(SECRET_KEY_ALGORITHM.exec(alg)?.[1]);
  if (Number.isNaN(length)) {
    throw new DeliveryFailure(
      `the client's \`idTokenEncryptedResponseAlg\` is \`${alg}\`, which is not supported`,
    );
  }
  return derived(await secretOf(client, alg, clientSecret, signal), length);
}

/**
 * OpenID Connect Core 1.0, section 10.2: the left-most bits of the secret's hash, with the shortest
 * SHA-2 function that has enough of them.
 */
async function derived(secret: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  const bits = length <= 256 ? 256 : length <= 384 ? 384 : 512;
  const hash = await crypto.subtle.digest(`SHA-${bits}`, secret);
  return new Uint8Array(hash, 0, length / 8);
}
