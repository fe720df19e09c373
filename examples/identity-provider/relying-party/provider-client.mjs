// @ts-check
/**
 * An application's side of OpenID Connect: the code flow with PKCE, refreshing tokens, and user
 * info.
 *
 * @module
 */

/** @import { Configuration } from "openid-client" */
/** @import { RelyingParty } from "../clients.mjs" */
/** @import { Tokens } from "./sessions.mjs" */

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
} from "openid-client";

/**
 * The values that a callback is checked against.
 *
 * @typedef {{ state: string, nonce: string, codeVerifier: string }} PendingSignIn
 */

export class ProviderClient {
  #configuration;
  #redirectUri;

  /**
   * @param {Configuration} configuration
   * @param {string} redirectUri
   */
  constructor(configuration, redirectUri) {
    this.#configuration = configuration;
    this.#redirectUri = redirectUri;
  }

  /**
   * @param {string} issuer
   * @param {RelyingParty} client
   * @param {string} clientSecret
   * @returns {Promise<ProviderClient>}
   */
  static async discover(issuer, { clientId, redirectUri }, clientSecret) {
    // There is no TLS here, because everything is on this machine.
    const options = { execute: [allowInsecureRequests] };
    return new ProviderClient(
      await discovery(new URL(issuer), clientId, clientSecret, undefined, options),
      redirectUri,
    );
  }

  /** @returns {URL} of the provider's public keys */
  get keysUrl() {
    return new URL(String(this.#configuration.serverMetadata().jwks_uri));
  }

  /** @returns {Promise<{ url: URL, pending: PendingSignIn }>} `url` is for the browser */
  async begin() {
    const pending = {
      state: randomState(),
      nonce: randomNonce(),
      codeVerifier: randomPKCECodeVerifier(),
    };
    const url = buildAuthorizationUrl(this.#configuration, {
      redirect_uri: this.#redirectUri,
      scope: "openid profile email",
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: "S256",
    });
    return { url, pending };
  }

  /**
   * @param {string} query of the callback
   * @param {PendingSignIn} pending
   * @returns {Promise<{ sub: string, sid: string, claims: Record<string, unknown>, tokens: Tokens
   * }>}
   */
  async complete(query, { state, nonce, codeVerifier }) {
    const answer = await authorizationCodeGrant(
      this.#configuration,
      new URL(`${this.#redirectUri}?${query}`),
      {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      },
    );
    const idToken = answer.claims();
    if (idToken === undefined || typeof idToken.sid !== "string")
      throw new Error("the ID token has no `sid`");
    const userInfo = await fetchUserInfo(this.#configuration, answer.access_token, idToken.sub);
    return {
      sub: idToken.sub,
      sid: idToken.sid,
      claims: { ...userInfo, iss: idToken.iss },
      tokens: { access: answer.access_token, refresh: answer.refresh_token },
    };
  }

  /**
   * @param {Tokens} tokens
   * @returns {Promise<Tokens>} new ones
   */
  async refresh({ refresh }) {
    if (refresh === undefined) throw new Error("the provider issued no refresh token");
    const answer = await refreshTokenGrant(this.#configuration, refresh);
    return { access: answer.access_token, refresh: answer.refresh_token ?? refresh };
  }

  /**
   * @param {Tokens} tokens
   * @param {string} sub
   */
  async userInfo({ access }, sub) {
    return fetchUserInfo(this.#configuration, access, sub);
  }
}
