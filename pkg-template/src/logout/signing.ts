/**
 * Signs the tokens for clients, with the algorithm registered for their ID tokens (OpenID Connect
 * Back-Channel Logout 1.0, sections 2.4 and 2.6).
 *
 * @module
 */
import { CompactSign, decodeJwt, decodeProtectedHeader, type JWK } from "jose";
import type { Client, LogoutTokenClaims, MaybePromise, SecurityEventClaims } from "../types.js";
import { callHost } from "./attempt.js";
import { type ClientSecret, secretOf } from "./client-secret.js";
import { DeliveryFailure, describe } from "./delivery-failure.js";
import { checkedKeys, type SigningKey } from "./signing-keys.js";

/** The claims of a logout token or Security Event Token as they are signed, with their issuer. */
export type SignedClaims = (LogoutTokenClaims | SecurityEventClaims) & { iss: string };

/**
 * The `typ` of a token: a logout token, by default `logout+jwt` (`Client.logoutTokenType`), or a
 * Security Event Token (RFC 8417, section 2.3).
 */
export type TokenType = "logout+jwt" | "JWT" | "secevent+jwt";

/** The second argument of a signing function. */
export interface SigningContext {
  /** The algorithm that the client registered, which must be the `alg` of the token. */
  alg: string;
  client: Client;
  /** The protected header to sign, without the `kid` of the key. */
  header: { alg: string; typ: TokenType };
  /** Fires when the attempt has ended. */
  signal: AbortSignal;
}

/**
 * Signs a token and returns it in compact form, with a key that never leaves a key management
 * service.
 *
 * @example
 * import { CompactSign } from "jose";
 *
 * const signingKeys: SignLogoutToken = (claims, { header }) =>
 *   new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
 *     .setProtectedHeader({ ...header, kid: "2026" })
 *     .sign(privateKey);
 */
export type SignLogoutToken = (
  claims: SignedClaims,
  context: SigningContext,
) => MaybePromise<string>;

/** Signs claims for a client. */
export type Signer = (
  claims: SignedClaims,
  typ: TokenType,
  client: Client,
  signal: AbortSignal,
) => Promise<string>;

/**
 * The algorithms whose key is the client's secret, and its minimum length in octets (RFC 7518,
 * section 3.2).
 */
const SECRET_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["HS256", 32],
  ["HS384", 48],
  ["HS512", 64],
]);

/**
 * Makes the signer for the option `signingKeys`.
 *
 * @throws {RollcallError} `invalid_argument`, naming the key and the problem.
 */
export function signerFrom(
  signingKeys: readonly SigningKey[] | SignLogoutToken | undefined,
  clientSecret: ClientSecret | undefined,
): Signer {
  const sign =
    typeof signingKeys === "function"
      ? signWithFunction(signingKeys)
      : signWithKeys(signingKeys, clientSecret);
  return async (claims, typ, client, signal) => {
    const alg = client.idTokenSignedResponseAlg ?? "RS256";
    if (alg === "none") {
      const token = typ === "secevent+jwt" ? "security event token" : "logout token";
      throw new DeliveryFailure(
        `the client's \`idTokenSignedResponseAlg\` is \`none\`, which a ${token} must not have`,
      );
    }
    return sign(claims, { alg, client, header: { alg, typ }, signal });
  };
}

/**
 * The type of the client's logout tokens.
 *
 * @throws {DeliveryFailure} Not retriable, if the registration has another value.
 */
export function logoutTokenType(client: Client): TokenType {
  const type: unknown = client.logoutTokenType ?? "logout+jwt";
  if (type !== "logout+jwt" && type !== "JWT") {
    throw new DeliveryFailure("the client's `logoutTokenType` must be `logout+jwt` or `JWT`");
  }
  return type;
}

type Sign = (claims: SignedClaims, context: SigningContext) => Promise<string>;

function signWithFunction(sign: SignLogoutToken): Sign {
  return async (claims, context) => {
    // Read before the call, because the function may change its argument.
    const { alg, typ } = context.header;
    const token: unknown = await callHost("signingKeys", context.signal, () =>
      sign(claims, context),
    );
    if (typeof token !== "string" || !isTokenOf(claims, { alg, typ }, token)) {
      throw new DeliveryFailure(
        `\`signingKeys\` must return the claims it was given as a signed JWT in compact form, with the header it was given (alg \`${alg}\`, typ \`${typ}\`)`,
      );
    }
    return token;
  };
}

/**
 * Catches the mistakes of a signing function before a client does: another algorithm or type, or
 * other claims.
 */
function isTokenOf(
  claims: SignedClaims,
  { alg, typ }: SigningContext["header"],
  token: string,
): boolean {
  try {
    const header = decodeProtectedHeader(token);
    return header.alg === alg && header.typ === typ && decodeJwt(token).jti === claims.jti;
  } catch {
    return false;
  }
}

function signWithKeys(
  signingKeys: readonly SigningKey[] | undefined,
  clientSecret: ClientSecret | undefined,
): Sign {
  const keys = checkedKeys(signingKeys);
  return async (claims, { alg, client, header, signal }) => {
    if (SECRET_LENGTHS.has(alg)) {
      return compact(claims, header, await signingSecret(alg, client, clientSecret, signal));
    }
    const key = keys.find((candidate) => candidate.alg === alg);
    if (key === undefined) {
      throw new DeliveryFailure(
        `no signing key for \`${alg}\`, the client's \`idTokenSignedResponseAlg\``,
      );
    }
    return compact(claims, { ...header, kid: key.kid }, key.jwk);
  };
}

/** OpenID Connect Core 1.0, section 10.1: the key is the UTF-8 form of the client's secret. */
async function signingSecret(
  alg: string,
  client: Client,
  clientSecret: ClientSecret | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const secret = await secretOf(client, alg, clientSecret, signal);
  const shortest = SECRET_LENGTHS.get(alg) ?? 0;
  if (secret.byteLength < shortest) {
    throw new DeliveryFailure(
      `the client's secret is too short for \`${alg}\`, which needs ${shortest} octets`,
    );
  }
  return secret;
}

async function compact(
  claims: SignedClaims,
  header: { alg: string; typ: string; kid?: string },
  key: JWK | Uint8Array,
): Promise<string> {
  try {
    return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader(header)
      .sign(key);
  } catch (thrown) {
    throw new DeliveryFailure(
      `cannot sign with \`${header.kid ?? header.alg}\`: ${describe(thrown)}`,
    );
  }
}
