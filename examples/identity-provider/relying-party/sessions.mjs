// @ts-check
/**
 * The sessions of an application, in its memory.
 *
 * @module
 */

/** @import { LogoutTarget } from "./logout-token.mjs" */

import { randomBytes } from "node:crypto";

/** How long a session is kept, in milliseconds. */
const LIFETIME = 8 * 60 * 60 * 1000;

/**
 * @typedef {object} Tokens
 * @property {string} access
 * @property {string} [refresh]
 */

/** The result of the last use of tokens. @typedef {{ isGood: boolean, text: string }} Outcome */

/**
 * @typedef {object} Session
 * @property {string} sub
 * @property {string} sid the provider's id of the session, for this application
 * @property {Record<string, unknown>} claims
 * @property {Tokens} tokens
 * @property {number} until epoch milliseconds
 * @property {boolean} isEnded by the provider. The session and its tokens are kept so that the page
 *   can show that the tokens no longer work. A real application removes the session
 * @property {Outcome} [outcome]
 */

export class Sessions {
  /** @type {Map<string, Session>} */
  #byId = new Map();

  /**
   * @param {Omit<Session, "until" | "isEnded">} session
   * @returns {string} its id, for the cookie
   */
  add(session) {
    this.#removeExpired();
    const id = randomBytes(32).toString("base64url");
    this.#byId.set(id, { ...session, until: Date.now() + LIFETIME, isEnded: false });
    return id;
  }

  /**
   * @param {string | undefined} id
   * @returns {Session | undefined}
   */
  get(id) {
    this.#removeExpired();
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** @param {string | undefined} id */
  remove(id) {
    if (id !== undefined) this.#byId.delete(id);
  }

  /**
   * Ends the sessions that a logout token names: the one with its `sid`, or without a `sid` all of
   * the subject.
   *
   * @param {LogoutTarget} target
   */
  end({ sub, sid }) {
    for (const session of this.#byId.values()) {
      const isSubject = sub === undefined || session.sub === sub;
      const isSession = sid === undefined || session.sid === sid;
      if (isSubject && isSession) session.isEnded = true;
    }
  }

  #removeExpired() {
    const now = Date.now();
    for (const [id, { until }] of this.#byId) {
      if (until <= now) this.#byId.delete(id);
    }
  }
}
