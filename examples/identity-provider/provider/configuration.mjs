// @ts-check
/**
 * The configuration of oidc-provider, which keeps all data in Rollcall's stores.
 *
 * @module
 */

/** @import { Configuration, KoaContextWithOIDC } from "oidc-provider" */
/** @import { SessionCoordination } from "rollcall" */
/** @import { SigningKey } from "rollcall/logout" */
/** @import { Accounts } from "../accounts.mjs" */
/** @import { RelyingParty } from "../clients.mjs" */
/** @import { Stores } from "./adapter.mjs" */

import { Provider } from "oidc-provider";
import { accountsOfActiveSessions } from "./active-accounts.mjs";
import { findConsent, rollcallAdapter } from "./adapter.mjs";
import { SESSION_LIFETIME } from "./coordination.mjs";
import { errorPage } from "./pages.mjs";

/**
 * `lax`, because the browser must send the cookie when an application redirects it here. Not
 * `secure`, because this example has no TLS.
 */
export const COOKIE_OPTIONS = /** @type {const} */ ({
  httpOnly: true,
  sameSite: "lax",
  secure: false,
  overwrite: true,
});

/**
 * @typedef {object} ProviderOptions
 * @property {string} issuer
 * @property {Stores} stores
 * @property {Accounts} accounts
 * @property {SessionCoordination} coordination
 * @property {readonly RelyingParty[]} relyingParties
 * @property {readonly SigningKey[]} signingKeys
 * @property {string[]} cookieKeys
 * @property {Record<string, string>} clientSecrets
 */

/**
 * @param {ProviderOptions} options
 * @returns {Provider}
 */
export function createProvider({
  issuer,
  stores,
  accounts,
  coordination,
  relyingParties,
  signingKeys,
  cookieKeys,
  clientSecrets,
}) {
  /** @type {Configuration} */
  const configuration = {
    adapter: rollcallAdapter(stores),
    clients: relyingParties.map(({ clientId, name, redirectUri, backChannelLogoutUri }) => ({
      client_id: clientId,
      client_name: name,
      client_secret: clientSecrets[clientId],
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      backchannel_logout_uri: backChannelLogoutUri,
      backchannel_logout_session_required: true,
    })),
    jwks: { keys: [...signingKeys] },
    cookies: { keys: cookieKeys, short: COOKIE_OPTIONS, long: COOKIE_OPTIONS },
    scopes: ["openid", "profile", "email"],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email"] },
    responseTypes: ["code"],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      // Announces back-channel logout and gives each client a `sid`. Logout tokens are sent by
      // Rollcall only: oidc-provider would send them from its own sign-out page, which is off.
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: false },
    },
    ttl: {
      Session: SESSION_LIFETIME,
      Interaction: 10 * 60,
      AuthorizationCode: 60,
      AccessToken: 10 * 60,
      IdToken: 10 * 60,
      RefreshToken: SESSION_LIFETIME,
      Grant: 365 * 24 * 60 * 60,
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: accountsOfActiveSessions(accounts, coordination),
    loadExistingGrant: (ctx) => loadConsent(ctx, stores),
    // Refresh tokens end with the session, so clients needn't request `offline_access`.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = "html";
      ctx.body = errorPage(error, description);
    },
  };
  return new Provider(issuer, configuration);
}

/**
 * Loads the consent that the subject gave before, in this session or an earlier one.
 *
 * @param {KoaContextWithOIDC} ctx
 * @param {Stores} stores
 */
async function loadConsent(ctx, { grants }) {
  const { account, client, provider } = ctx.oidc;
  if (account === undefined || client === undefined) return undefined;
  const id = await findConsent(grants, account.accountId, client.clientId);
  return id === undefined ? undefined : provider.Grant.find(id);
}
