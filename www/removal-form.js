// @ts-check
/**
 * The choices of a removal: what goes with the sessions, why, and whether the administrator's own
 * is spared.
 *
 * @module
 */

/** @import { RemoveSessionsContext } from "../pkg/index.js" */
/** @import { Me } from "./backend.js" */

import { find } from "./dom.js";

/** The flags of a removal. Each is the name of its check box. */
const FLAGS = /** @type {const} */ ([
  "removeServerSideSession",
  "revokeTokens",
  "revokeConsents",
  "sendBackchannelLogoutNotification",
]);

/**
 * A removal as the admin API takes it. `includeOwn`: whether all sessions of the administrator
 * means the one that the console is used with, too; by default the API leaves that one.
 *
 * @typedef {RemoveSessionsContext & { includeOwn?: boolean }} Removal
 */

/**
 * Whose sessions to end. Without a session id, all of the subject's.
 *
 * @typedef {object} Target
 * @property {string} subjectId
 * @property {string} [sessionId]
 * @property {string} [displayName]
 */

export class RemovalForm {
  #options = find(document, "#end-options", HTMLFieldSetElement);
  #consentsHint = find(document, "#consents-hint", HTMLElement);
  #spareOwnChoice = find(document, "#spare-own-choice", HTMLElement);
  #spareOwn = find(document, "[name=spareOwn]", HTMLInputElement);
  #reason = find(document, "#end-reason", HTMLTextAreaElement);
  #me;
  /** @type {Target} */
  #target = { subjectId: "" };

  /**
   * @param {Me} me
   * @param {() => void} onChange called when another choice is made that changes what would happen
   */
  constructor(me, onChange) {
    this.#me = me;
    this.#options.addEventListener("change", onChange);
  }

  /**
   * Starts anew, with everything chosen that goes with the target.
   *
   * @param {Target} target
   */
  reset(target) {
    this.#target = target;
    const namesSession = target.sessionId !== undefined;
    for (const flag of FLAGS) this.#checkBox(flag).checked = true;
    this.#checkBox("revokeConsents").checked = !namesSession;
    this.#checkBox("revokeConsents").disabled = namesSession;
    this.#consentsHint.hidden = !namesSession;
    this.#spareOwnChoice.hidden = !this.#coversOwnSession;
    this.#spareOwn.checked = false;
    this.#reason.value = "";
  }

  /** @param {boolean} enabled */
  setEnabled(enabled) {
    this.#options.disabled = !enabled;
    this.#reason.disabled = !enabled;
  }

  /** Whether nothing at all is chosen. */
  get isEmpty() {
    return FLAGS.every((flag) => !this.#checkBox(flag).checked);
  }

  /** Whether these are all sessions of the administrator. */
  get #coversOwnSession() {
    const { subjectId, sessionId } = this.#target;
    const { subjectId: own, sessionId: ownSession } = this.#me;
    return sessionId === undefined && ownSession !== undefined && subjectId === own;
  }

  /** Whether the administrator would be signed out of this console. */
  get endsOwnSession() {
    const { subjectId, sessionId = this.#me.sessionId } = this.#target;
    const isOwn = subjectId === this.#me.subjectId && sessionId === this.#me.sessionId;
    return isOwn && this.#checkBox("removeServerSideSession").checked && !this.#spareOwn.checked;
  }

  /**
   * What to ask the core for. A flag that is on is left to its default: a service that the host
   * does not have is then skipped instead of refused.
   *
   * @returns {Removal}
   */
  get context() {
    const { subjectId, sessionId } = this.#target;
    const reason = this.#reason.value.trim();
    const off = FLAGS.filter((flag) => !this.#checkBox(flag).checked).map((flag) => [flag, false]);
    return {
      subjectId,
      ...(sessionId !== undefined && { sessionId }),
      ...(this.#spareOwn.checked &&
        this.#me.sessionId !== undefined && { exceptSessionIds: [this.#me.sessionId] }),
      ...(this.#coversOwnSession && !this.#spareOwn.checked && { includeOwn: true }),
      ...Object.fromEntries(off),
      ...(reason !== "" && { reason }),
    };
  }

  /**
   * @param {typeof FLAGS[number]} flag
   * @returns {HTMLInputElement}
   */
  #checkBox(flag) {
    return find(this.#options, `[name=${flag}]`, HTMLInputElement);
  }
}
