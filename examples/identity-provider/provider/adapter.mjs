// @ts-check
/**
 * An adapter with which oidc-provider keeps its sessions and grants in Rollcall's stores.
 *
 * A session of oidc-provider is stored in the ticket of a Rollcall session, and its `uid` is that
 * session's id. The two can't disagree: once Rollcall removes the row, the user is signed out of
 * oidc-provider too. Tokens, codes and consents become grants with the subject, the session and the
 * client, by which a removal revokes them.
 *
 * @module
 */

/** @import { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider" */
/** @import { GrantStore, PersistedGrant, SessionManagement, TicketStore } from "rollcall" */

import { createHash } from "node:crypto";
import { errors } from "oidc-provider";

/**
 * The models for which Rollcall has a grant type. Other models use their own name as the type.
 *
 * @type {ReadonlyMap<string, string>}
 */
const GRANT_TYPES = new Map([
  ["AccessToken", "reference_token"],
  ["RefreshToken", "refresh_token"],
  ["AuthorizationCode", "authorization_code"],
  ["BackchannelAuthenticationRequest", "ciba"],
  ["Grant", "user_consent"],
]);

/**
 * The type of a withdrawn grant. It has no subject and no session, so no removal matches it.
 */
const WITHDRAWN = "withdrawn";

/**
 * @typedef {object} Stores
 * @property {SessionManagement} sessions with the keys of the tickets
 * @property {GrantStore} grants
 * @property {TicketStore} tickets
 * @property {() => string | undefined} cookieValue the cookie value of the current request
 * @property {string} issuer
 */

/**
 * The value for oidc-provider's setting `adapter`.
 *
 * @param {Stores} stores
 * @returns {AdapterFactory}
 */
export function rollcallAdapter(stores) {
  return (model) =>
    model === "Session" ? new SessionAdapter(stores) : new GrantAdapter(stores.grants, model);
}

/**
 * Finds the consent that this subject gave this client: the id of oidc-provider's grant. A consent
 * stays valid after the session in which it was given, so later sessions needn't ask again.
 *
 * @param {GrantStore} grants
 * @param {string} subjectId
 * @param {string} clientId
 * @returns {Promise<string | undefined>}
 */
export async function findConsent(grants, subjectId, clientId) {
  const consents = await grants.list({ subjectId, clientIds: [clientId], types: ["user_consent"] });
  const [latest] = consents
    .filter(isUnexpired)
    .sort((a, b) => b.created.getTime() - a.created.getTime());
  return latest && JSON.parse(latest.data).jti;
}

/**
 * oidc-provider's sessions, in tickets.
 *
 * @implements {Adapter}
 */
class SessionAdapter {
  #stores;

  /** @param {Stores} stores */
  constructor(stores) {
    this.#stores = stores;
  }

  /** @param {string} id */
  async find(id) {
    const { tickets, cookieValue } = this.#stores;
    const session = await tickets.retrieve(cookieValue());
    const payload = payloadOf(session?.ticket, session?.expires);
    return payload?.jti === id ? payload : undefined;
  }

  /**
   * Finds a session by its id, which tokens contain. There is no cookie value here, because tokens
   * are used without the browser and the store doesn't have it.
   *
   * @param {string} uid
   */
  async findByUid(uid) {
    const { results } = await this.#stores.sessions.querySessions({
      sessionId: uid,
      state: "active",
      countRequested: 1,
      count: "none",
      includeTicket: true,
    });
    // A query treats a blank id as absent.
    const session = results.find(({ sessionId }) => sessionId === uid);
    return payloadOf(session?.authenticationTicket, session?.expires?.getTime());
  }

  /**
   * @param {string} _id
   * @param {AdapterPayload} payload
   */
  async upsert(_id, payload) {
    // Without an account there is no session to store.
    if (payload.accountId === undefined) return;

    const { tickets, cookieValue, issuer } = this.#stores;
    const cookie = cookieValue();
    const session = await tickets.retrieve(cookie);
    if (session?.sessionId !== payload.uid || session?.subjectId !== payload.accountId)
      throw ended();

    const known = new Map(session.clients.map((client) => [client.clientId, client.sessionId]));
    for (const [clientId, { sid }] of Object.entries(payload.authorizations ?? {})) {
      if (
        sid !== undefined &&
        known.get(clientId) !== sid &&
        !(await tickets.addClient(cookie, { clientId, sessionId: sid }))
      ) {
        throw ended();
      }
    }
    // If two applications sign in at the same moment, the payload of the later one lacks the other.
    const { authorizations } = Object(session.ticket);
    const ticket = { ...payload, authorizations: { ...authorizations, ...payload.authorizations } };
    if ((await tickets.renew(cookie, { ticket, issuer })) === undefined) throw ended();
  }

  /**
   * Does nothing. The id of a session changes at sign-in, and `upsert` follows with the new one.
   * Only a removal ends the row.
   */
  async destroy() {}

  async consume() {}

  async findByUserCode() {
    return undefined;
  }

  async revokeByGrantId() {}
}

/**
 * @param {unknown} ticket
 * @param {number | undefined} expires
 * @returns {AdapterPayload | undefined} oidc-provider's session
 */
function payloadOf(ticket, expires) {
  const payload = /** @type {AdapterPayload | undefined} */ (ticket);
  if (payload === undefined || expires === undefined) return payload;
  // The expiry comes from the row, because using a token extends it.
  return { ...payload, exp: Math.floor(expires / 1000) };
}

/**
 * @returns {Error} stops a request whose session was removed in the meantime, so that its result
 * doesn't reach the client
 */
function ended() {
  return new errors.SessionNotFound("the session has ended");
}

/**
 * Keeps all other models of oidc-provider as grants: tokens, codes, consents and interactions.
 *
 * @implements {Adapter}
 */
class GrantAdapter {
  #grants;
  #model;

  /**
   * @param {GrantStore} grants
   * @param {string} model
   */
  constructor(grants, model) {
    this.#grants = grants;
    this.#model = model;
  }

  /**
   * @param {string} id
   * @param {AdapterPayload} payload
   * @param {number} [expiresIn] seconds
   */
  async upsert(id, { jti, ...payload }, expiresIn) {
    const clientId = payload.clientId ?? payload.params?.client_id;
    if (typeof clientId !== "string")
      throw new TypeError(`a ${this.#model} without a client can't be kept as a grant`);
    await this.#grants.store({
      key: keyOf(this.#model, id),
      type: GRANT_TYPES.get(this.#model) ?? this.#model,
      subjectId: payload.accountId ?? payload.session?.accountId,
      sessionId: payload.sessionUid ?? payload.session?.uid,
      clientId,
      created: new Date(),
      ...(expiresIn !== undefined && { expires: new Date(Date.now() + expiresIn * 1000) }),
      // The id of a token is the token, so it stays out of the store. The id of a consent isn't
      // secret, and `findConsent` needs it.
      data: JSON.stringify(this.#model === "Grant" ? { jti, ...payload } : payload),
    });
  }

  /** @param {string} id */
  async find(id) {
    const grant = await this.#grants.get(keyOf(this.#model, id));
    if (grant === undefined || grant.type === WITHDRAWN || !isUnexpired(grant)) return undefined;
    /** @type {AdapterPayload} */
    const payload = { ...JSON.parse(grant.data), jti: id };
    return grant.consumed === undefined
      ? payload
      : { ...payload, consumed: Math.floor(grant.consumed.getTime() / 1000) };
  }

  /** @param {string} id */
  async consume(id) {
    const grant = await this.#grants.get(keyOf(this.#model, id));
    if (grant !== undefined) await this.#grants.store({ ...grant, consumed: new Date() });
  }

  /** @param {string} id */
  async destroy(id) {
    const grant = await this.#grants.get(keyOf(this.#model, id));
    if (grant === undefined) return;
    const { subjectId, sessionId, ...rest } = grant;
    await this.#grants.store({ ...rest, type: WITHDRAWN, expires: new Date() });
  }

  /**
   * Removes the grants that were issued under a consent. A subject has one consent for each client,
   * so the filter names these two.
   *
   * @param {string} grantId
   */
  async revokeByGrantId(grantId) {
    const consent = await this.#grants.get(keyOf("Grant", grantId));
    if (consent === undefined) return;
    // Read the subject from the data: oidc-provider may be destroying the consent at the same time,
    // and a destroyed row has no subject.
    const { accountId, clientId } = JSON.parse(consent.data);
    const type = GRANT_TYPES.get(this.#model) ?? this.#model;
    await this.#grants.remove({ subjectId: accountId, clientIds: [clientId], types: [type] });
  }

  async findByUid() {
    return undefined;
  }

  async findByUserCode() {
    return undefined;
  }
}

/**
 * @param {PersistedGrant} grant
 * @returns {boolean}
 */
function isUnexpired(grant) {
  return grant.expires === undefined || grant.expires.getTime() > Date.now();
}

/**
 * The key of a model in the store. It's a digest, so a copy of the store contains no usable token.
 *
 * @param {string} model
 * @param {string} id
 * @returns {string}
 */
function keyOf(model, id) {
  return createHash("sha256").update(`${model}:${id}`).digest("base64url");
}
