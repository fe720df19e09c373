/**
 * An application on Express that signs people in with express-openid-connect, and uses its
 * back-channel logout.
 *
 * @module
 */

import express from "express";
import openid from "express-openid-connect";

/**
 * @param {object} options
 * @param {string} options.issuer
 * @param {import("../../examples/identity-provider/clients.mjs").RelyingParty} options.client
 * @param {string} options.clientSecret
 * @param {object} [options.hooks] replace those of its back-channel logout
 */
export function expressApplication({ issuer, client, clientSecret, hooks = {} }) {
  const application = express();
  application.use(
    openid.auth({
      issuerBaseURL: issuer,
      baseURL: client.origin,
      clientID: client.clientId,
      clientSecret,
      secret: "of the application's own cookies",
      authRequired: false,
      enableTelemetry: false,
      // The default, the implicit flow with a form, needs https for its cookies.
      authorizationParams: { response_type: "code", scope: "openid profile" },
      backchannelLogout: { store: new Store(), ...hooks },
    }),
  );
  application.get("/", (request, response) => {
    const { sub, sid } = request.oidc.idTokenClaims ?? {};
    response.json({ sub, sid });
  });
  return application;
}

/** Where it records who was signed out: an express-session store, as the option requires. */
class Store {
  #entries = new Map();

  async get(id) {
    return this.#entries.get(id);
  }

  async set(id, entry) {
    this.#entries.set(id, entry);
  }

  async destroy(id) {
    this.#entries.delete(id);
  }
}
