/**
 * A relying party according to OpenID Connect Back-Channel Logout 1.0 with errata set 1, for one
 * test. It stores sessions, receives logout tokens (section 2.5), ends sessions (2.7) and answers
 * (2.8).
 *
 * @module
 */

import { importJWK } from "jose";
import { keyPair, relyingParty } from "../logout/support.mjs";
import { logoutTokenCheck, Refused } from "./logout-token.mjs";

const KEYS_PATH = "/keys";

/**
 * Starts it on this machine.
 *
 * @param {import("node:test").TestContext} t
 * @param {object} options
 * @param {string} options.issuer
 * @param {{ keys: object[] }} options.providerKeys the provider's public keys
 * @param {string} [options.clientId]
 * @param {string} [options.signingAlg] registered for its ID tokens; without it none is registered,
 *   which means RS256
 * @param {{ alg: string, enc: string }} [options.encryption] registered for its ID tokens
 * @param {boolean} [options.hasKeysUri] registers the address of its key set, and not the set
 * @param {(target: { sub?: string, sid?: string }) => Promise<unknown>} [options.passOn] ends
 *   further sessions with its own, if it's a provider itself
 */
export async function receiver(t, options) {
  const {
    issuer,
    providerKeys,
    clientId = "shop",
    signingAlg,
    encryption,
    hasKeysUri = false,
    passOn,
  } = options;
  const keys = encryption && (await keyPair(encryption.alg));
  const sessions = new Sessions();
  const check = logoutTokenCheck({
    issuer,
    clientId,
    providerKeys,
    signingAlg: signingAlg ?? "RS256",
    encryption: encryption && {
      ...encryption,
      key: await importJWK(keys.privateJwk, encryption.alg),
      kid: keys.publicJwk.kid,
    },
    idTokens: sessions.all,
  });
  const answers = [];
  let isInTrouble = false;

  async function answerTo(request, body) {
    try {
      const target = await check(tokenOf(request, body));
      if (isInTrouble) {
        isInTrouble = false;
        return { status: 500 };
      }
      sessions.end(target);
      await passOn?.(target);
      return { status: 200 };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: 400, error: error.message };
    }
  }

  const party = await relyingParty(t, async (request, response, body) => {
    if (request.url === KEYS_PATH) {
      response.end(JSON.stringify({ keys: [keys.publicJwk] }));
      return;
    }
    const answer = await answerTo(request, body);
    answers.push(answer);
    response.writeHead(answer.status, {
      "cache-control": "no-store",
      "content-type": "application/json",
    });
    response.end(
      answer.error && JSON.stringify({ error: "invalid_request", error_description: answer.error }),
    );
  });

  return {
    uri: party.uri,
    /** The received logout requests, with `headers` and `body`. */
    requests: () => party.requests.filter(({ path }) => path !== KEYS_PATH),
    /** Its answers, with the fault of each refused request. */
    answers,
    /** Its registration with Rollcall. */
    client: {
      clientId,
      backChannelLogoutUri: party.uri,
      ...(signingAlg && { idTokenSignedResponseAlg: signingAlg }),
      ...(encryption && {
        idTokenEncryptedResponseAlg: encryption.alg,
        idTokenEncryptedResponseEnc: encryption.enc,
        ...(hasKeysUri
          ? { jwksUri: party.origin + KEYS_PATH }
          : { jwks: { keys: [keys.publicJwk] } }),
      }),
    },
    /** Signs a subject in with an ID token that has these claims. */
    signIn: (sub, sid) => sessions.begin({ iss: issuer, sub, sid }),
    /** The `sid`s of the current sessions. */
    signedIn: () => sessions.sids(),
    /** Makes it answer the next valid token with 500 and end no session. */
    breakDown: () => {
      isInTrouble = true;
    },
  };
}

/** Section 2.5: a posted form with one `logout_token`, and any other fields. */
function tokenOf(request, body) {
  const [type] = (request.headers["content-type"] ?? "").split(";");
  if (request.method !== "POST" || type !== "application/x-www-form-urlencoded")
    throw new Refused("the request is not a posted form");
  const tokens = new URLSearchParams(body).getAll("logout_token");
  if (tokens.length !== 1) throw new Refused("the form must have one `logout_token`");
  return tokens[0];
}

/** Its sessions, with the claims of their ID tokens. Ended sessions are kept for a while. */
class Sessions {
  all = [];

  begin(idToken) {
    this.all.push({ ...idToken, isEnded: false });
  }

  /** Section 2.7. A session that has already ended is no failure. */
  end({ iss, sub, sid }) {
    for (const session of this.all) {
      const isMeant =
        session.iss === iss &&
        (sub ?? session.sub) === session.sub &&
        (sid ?? session.sid) === session.sid;
      if (isMeant) session.isEnded = true;
    }
  }

  sids() {
    return this.all.filter(({ isEnded }) => !isEnded).map(({ sid }) => sid);
  }
}
