// @ts-check
/**
 * Makes oidc-provider keep its sessions and its grants in Rollcall's stores.
 *
 * A session of oidc-provider lives in the ticket of a Rollcall session, and its `uid` is that
 * session's id: there is nothing to keep in step, and where Rollcall removed the row, oidc-provider
 * finds nobody signed in. Tokens, codes and consents become grants that carry the subject, the
 * session and the client, which is what a removal revokes by.
 *
 * @module
 */

/** @import { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider" */
/** @import { GrantStore, PersistedGrant, SessionManagement, TicketStore } from "rollcall" */

import { createHash } from "node:crypto";
import { errors } from "oidc-provider";

/**
 * The grant types of the models that Rollcall has a name for. The others are kept under their own.
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
 * The type of what was withdrawn: it belongs to nobody any more, and no filter of a removal matches
 * it.
 */
const WITHDRAWN = "withdrawn";

/**
 * @typedef {object} Stores
 * @property {SessionManagement} sessions with the keys of the tickets
 * @property {GrantStore} grants
 * @property {TicketStore} tickets
 * @property {() => string | undefined} cookieValue the cookie value that the current request came
 * with
 * @property {string} issuer
 */

/**
 * The adapter for oidc-provider's setting of that name.
 *
 * @param {Stores} stores
 * @returns {AdapterFactory}
 */
export function rollcallAdapter(stores) {
  return (model) =>
    model === "Session" ? new SessionAdapter(stores) : new GrantAdapter(stores.grants, model);
}

/**
 * The consent that this subject gave this client, as the id of oidc-provider's grant. A consent
 * outlives the session in which it was given, so the next one need not ask again.
 *
 * @param {GrantStore} grants
 * @param {string} subjectId
 * @param {string} clientId
 * @returns {Promise<string | undefined>}
 */
export async function findConsent(grants, subjectId, clientId) {
  const consents = await grants.list({ subjectId, clientIds: [clientId], types: ["user_consent"] });
  const [latest] = consents
    .filter(isLive)
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
   * By the session id, which is in tokens. No cookie value is known here, and none can be had from
   * the store.
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
    // A query takes a blank id for none.
    const session = results.find(({ sessionId }) => sessionId === uid);
    return payloadOf(session?.authenticationTicket, session?.expires?.getTime());
  }

  /**
   * @param {string} _id
   * @param {AdapterPayload} payload
   */
  async upsert(_id, payload) {
    // Nobody is signed in: there is nothing to remember.
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
    // Of two applications that sign in at the same moment, the later one does not know of the
    // other.
    const { authorizations } = Object(session.ticket);
    const ticket = { ...payload, authorizations: { ...authorizations, ...payload.authorizations } };
    if ((await tickets.renew(cookie, { ticket, issuer })) === undefined) throw ended();
  }

  /**
   * The id of a session changes at sign-in, and `upsert` follows under the new one. The row itself
   * ends only by a removal.
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
  // When it ends, the row says: it is extended when a token is used.
  return { ...payload, exp: Math.floor(expires / 1000) };
}

/**
 * @returns {Error} what stops a request whose session was removed under way: its result must not
 * reach the client
 */
function ended() {
  return new errors.SessionNotFound("the session has ended");
}

/**
 * Everything else that oidc-provider keeps: tokens, codes, consents and interactions, as grants.
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
      throw new TypeError(`a ${this.#model} without a client cannot be kept as a grant`);
    await this.#grants.store({
      key: keyOf(this.#model, id),
      type: GRANT_TYPES.get(this.#model) ?? this.#model,
      subjectId: payload.accountId ?? payload.session?.accountId,
      sessionId: payload.sessionUid ?? payload.session?.uid,
      clientId,
      created: new Date(),
      ...(expiresIn !== undefined && { expires: new Date(Date.now() + expiresIn * 1000) }),
      // The id of a token is the token: it stays out of the store. The id of a consent opens
      // nothing, and is looked up.
      data: JSON.stringify(this.#model === "Grant" ? { jti, ...payload } : payload),
    });
  }

  /** @param {string} id */
  async find(id) {
    const grant = await this.#grants.get(keyOf(this.#model, id));
    if (grant === undefined || grant.type === WITHDRAWN || !isLive(grant)) return undefined;
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
   * Withdraws what was issued under a consent. There is one consent for a subject and a client, so
   * those two are the filter.
   *
   * @param {string} grantId
   */
  async revokeByGrantId(grantId) {
    const consent = await this.#grants.get(keyOf("Grant", grantId));
    if (consent === undefined) return;
    // Read from the data: oidc-provider may be destroying the consent at this very moment, which
    // takes its subject off the row.
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
function isLive(grant) {
  return grant.expires === undefined || grant.expires.getTime() > Date.now();
}

/**
 * The key under which a model is kept: a digest, so that a copy of the store holds no token that
 * works.
 *
 * @param {string} model
 * @param {string} id
 * @returns {string}
 */
function keyOf(model, id) {
  return createHash("sha256").update(`${model}:${id}`).digest("base64url");
}
