// @ts-check
/**
 * Who is signed in at an application: its own sessions, in its own memory.
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

/** What the last use of the tokens brought. @typedef {{ isGood: boolean, text: string }} Outcome */

/**
 * @typedef {object} Session
 * @property {string} sub
 * @property {string} sid the provider's name for the session, as this application knows it
 * @property {Record<string, unknown>} claims
 * @property {Tokens} tokens
 * @property {number} until epoch milliseconds
 * @property {boolean} isEnded by the provider. The session, with its tokens, stays only so that the
 * page can show that they are
 *   worth nothing any more: an application that is no demonstration forgets it here
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
    this.#forgetOld();
    const id = randomBytes(32).toString("base64url");
    this.#byId.set(id, { ...session, until: Date.now() + LIFETIME, isEnded: false });
    return id;
  }

  /**
   * @param {string | undefined} id
   * @returns {Session | undefined}
   */
  get(id) {
    this.#forgetOld();
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** @param {string | undefined} id */
  remove(id) {
    if (id !== undefined) this.#byId.delete(id);
  }

  /**
   * Ends what a logout token names: with `sid` that session, without it every session of the
   * subject.
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

  #forgetOld() {
    const now = Date.now();
    for (const [id, { until }] of this.#byId) {
      if (until <= now) this.#byId.delete(id);
    }
  }
}
