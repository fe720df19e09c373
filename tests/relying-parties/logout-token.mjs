/**
 * A strict check of a logout token according to OpenID Connect Back-Channel Logout 1.0 with errata
 * set 1, section 2.6. It performs the optional checks and requires what is only recommended there.
 *
 * @module
 */

import { compactDecrypt, createLocalJWKSet, errors, jwtVerify } from "jose";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** The longest validity of a token, in seconds (section 4). */
const LONGEST_LIFE = 120;

/** The reason why a logout token was refused. */
export class Refused extends Error {}

/**
 * Makes the check for one client of one provider. It accepts each token once.
 *
 * @param {object} expected
 * @param {string} expected.issuer
 * @param {string} expected.clientId
 * @param {{ keys: object[] }} expected.providerKeys the provider's public keys
 * @param {string} expected.signingAlg the client's registered algorithm of ID tokens
 * @param {{ alg: string, enc: string, key: CryptoKey, kid: string }} [expected.encryption] the same
 *   for encrypted ID tokens
 * @param {readonly { iss: string, sub: string, sid: string }[]} expected.idTokens the claims of the
 *   ID tokens of recent sessions
 * @returns {(token: string) => Promise<{ iss: string, sub?: string, sid?: string }>} rejects with
 * `Refused`
 */
export function logoutTokenCheck({
  issuer,
  clientId,
  providerKeys,
  signingAlg,
  encryption,
  idTokens,
}) {
  const keys = createLocalJWKSet(providerKeys);
  const received = new Set();

  return async (token) => {
    const { signed, outerHeader } = await decrypted(token, encryption);
    const claims = await verified(signed, { issuer, clientId, keys, signingAlg });
    checkClaims(claims, clientId);
    demand(
      outerHeader === undefined || outerHeader.iss === claims.iss,
      "`iss` in the header differs from the signed one",
    );
    checkIsNew(claims.jti, received);
    checkIsOfSession(claims, idTokens);
    return { iss: claims.iss, sub: claims.sub, sid: claims.sid };
  };
}

/**
 * Step 1: the token is encrypted if the client's ID tokens are, with the registered algorithms and
 * key.
 */
async function decrypted(token, encryption) {
  const isEncrypted = token.split(".").length === 5;
  demand(
    isEncrypted === (encryption !== undefined),
    isEncrypted ? "the token is encrypted" : "the token is not encrypted",
  );
  if (!isEncrypted) return { signed: token };

  const { alg, enc, key, kid } = encryption;
  const { plaintext, protectedHeader } = await orRefused(
    compactDecrypt(token, key, {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: [enc],
    }),
  );
  demand(protectedHeader.cty === "JWT", "`cty` is not `JWT`");
  demand(protectedHeader.kid === kid, "the token is encrypted to another key");
  return { signed: new TextDecoder().decode(plaintext), outerHeader: protectedHeader };
}

/**
 * Steps 2 to 4: the signature with exactly the registered algorithm, the issuer, audience and
 * times, and the type.
 */
async function verified(signed, { issuer, clientId, keys, signingAlg }) {
  const { payload, protectedHeader } = await orRefused(
    jwtVerify(signed, keys, {
      algorithms: [signingAlg],
      issuer,
      audience: clientId,
      requiredClaims: ["iat", "exp"],
      maxTokenAge: LONGEST_LIFE,
    }),
  );
  demand(protectedHeader.typ === "logout+jwt", "`typ` is not `logout+jwt`");
  return payload;
}

/** The rest of step 4, and steps 5 to 7. */
function checkClaims({ aud, iat, exp, sub, sid, events, nonce }, clientId) {
  demand(
    [aud].flat().every((audience) => audience === clientId),
    "the token has other audiences too",
  );
  demand(exp - iat <= LONGEST_LIFE, "the token is valid for too long");

  for (const [name, value] of Object.entries({ sub, sid })) {
    demand(value === undefined || isText(value), `\`${name}\` is not a string`);
  }
  demand(sub !== undefined || sid !== undefined, "the token has neither `sub` nor `sid`");
  demand(isObject(events) && isObject(events[EVENT]), "`events` has no logout event");
  demand(nonce === undefined, "the token has a `nonce`");
}

/** Step 8. */
function checkIsNew(jti, received) {
  demand(isText(jti), "`jti` is not a string");
  demand(!received.has(jti), "the token was received before");
  received.add(jti);
}

/** Steps 9 to 11: an ID token of a current or recent session had the same values. */
function checkIsOfSession({ iss, sub, sid }, idTokens) {
  const isOf = (idToken) =>
    idToken.iss === iss &&
    (sub === undefined || idToken.sub === sub) &&
    (sid === undefined || idToken.sid === sid);
  demand(idTokens.some(isOf), "no current or recent session matches");
}

/** An error of jose is the token's fault. Any other error is a defect of this code. */
async function orRefused(result) {
  try {
    return await result;
  } catch (error) {
    throw error instanceof errors.JOSEError ? new Refused(error.message) : error;
  }
}

function demand(isGood, fault) {
  if (!isGood) throw new Refused(fault);
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
