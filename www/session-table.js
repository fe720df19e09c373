// @ts-check
/**
 * The table of sessions: one row each, and a row of details that opens below it.
 *
 * @module
 */

/** @import { UserSession } from "../pkg/index.js" */
/** @import { Me } from "./backend.js" */

import { addressOf, NO_FILTER } from "./address.js";
import { copyOf, descriptions, element, find } from "./dom.js";
import { shortened, timeElement, utc } from "./format.js";

/**
 * What a row's buttons do.
 *
 * @typedef {object} SessionActions
 * @property {(session: UserSession) => void} endSession
 * @property {(session: UserSession) => void} endSubject
 * @property {(message: string) => void} announce says something to a screen reader
 */

export class SessionTable {
  #table = find(document, "#sessions", HTMLTableElement);
  #rows = find(document, "#session-rows", HTMLTableSectionElement);
  #me;
  #actions;

  /**
   * @param {Me} me
   * @param {SessionActions} actions
   */
  constructor(me, actions) {
    this.#me = me;
    this.#actions = actions;
  }

  /** @param {UserSession[]} sessions */
  show(sessions) {
    this.#table.hidden = sessions.length === 0;
    this.#rows.replaceChildren(
      ...sessions.flatMap((session, index) => this.#rowsFor(session, `details-${index}`)),
    );
  }

  /**
   * @param {UserSession} session
   * @param {string} detailsId
   * @returns {HTMLElement[]}
   */
  #rowsFor(session, detailsId) {
    const row = copyOf("session-row");
    fillSubject(row, session);
    fillSessionId(row, session, this.#actions.announce);
    find(row, ".tags", HTMLUListElement).append(...session.clientIds.map(clientTag));
    find(row, ".created", HTMLTimeElement).replaceWith(timeElement(session.created));
    find(row, ".renewed", HTMLTimeElement).replaceWith(timeElement(session.renewed));
    find(row, ".expires", HTMLTableCellElement).append(...expiry(session));
    find(row, ".own", HTMLElement).hidden = !isOwnSession(session, this.#me);

    const ofWhom = session.displayName ?? session.subjectId;
    const buttons = find(row, ".actions", HTMLTableCellElement);
    onClick(
      find(buttons, ".end-session", HTMLButtonElement),
      `${shortened(session.sessionId)} of ${ofWhom}`,
      () => {
        this.#actions.endSession(session);
      },
    );
    onClick(find(buttons, ".end-subject", HTMLButtonElement), `sessions of ${ofWhom}`, () =>
      this.#actions.endSubject(session),
    );

    const details = detailsRow(session, detailsId);
    const toggle = find(buttons, ".show-details", HTMLButtonElement);
    toggle.setAttribute("aria-controls", detailsId);
    onClick(toggle, `of session ${shortened(session.sessionId)}`, () => {
      details.hidden = !details.hidden;
      toggle.setAttribute("aria-expanded", String(!details.hidden));
    });
    return [row, details];
  }
}

/**
 * @param {UserSession} session
 * @param {Me} me
 * @returns {boolean} whether it is the session that the console is used with
 */
export function isOwnSession(session, me) {
  return session.subjectId === me.subjectId && session.sessionId === me.sessionId;
}

/**
 * Makes a button work, and tells a screen reader what on: the text on it is the same in every row.
 *
 * @param {HTMLButtonElement} button
 * @param {string} onWhat
 * @param {() => void} run
 */
function onClick(button, onWhat, run) {
  button.append(element("span", "hidden-text", ` ${onWhat}`));
  button.addEventListener("click", run);
}

/**
 * @param {HTMLElement} row
 * @param {UserSession} session
 */
function fillSubject(row, { subjectId, displayName }) {
  const name = find(row, ".name", HTMLElement);
  name.textContent = displayName ?? "";
  name.hidden = displayName === undefined;
  const link = find(row, ".subject .id", HTMLAnchorElement);
  link.textContent = subjectId;
  link.href = addressOf({ ...NO_FILTER, subject: subjectId });
}

/**
 * @param {HTMLElement} row
 * @param {UserSession} session
 * @param {(message: string) => void} announce
 */
function fillSessionId(row, { sessionId }, announce) {
  const code = find(row, ".session .id", HTMLElement);
  code.textContent = shortened(sessionId);
  code.title = sessionId;
  const copy = find(row, ".copy", HTMLButtonElement);
  onClick(copy, `session id ${shortened(sessionId)}`, async () => {
    const label = find(copy, ".label", HTMLElement);
    try {
      await navigator.clipboard.writeText(sessionId);
      label.textContent = "Copied";
      announce("Session id copied");
    } catch {
      // A browser may refuse, for example where the page does not come from a secure origin.
      label.textContent = "Not allowed";
      announce("The browser does not allow copying: the details show the whole session id");
    }
  });
}

/**
 * A client, as a link to the sessions that it takes part in.
 *
 * @param {string} clientId
 * @returns {HTMLElement}
 */
function clientTag(clientId) {
  const link = element("a", "tag", clientId);
  link.href = addressOf({ ...NO_FILTER, client: clientId });
  link.title = "Show only sessions with this client";
  return element("li", "", link);
}

/**
 * @param {UserSession} session
 * @returns {(HTMLElement | string)[]}
 */
function expiry({ expires }) {
  if (expires === undefined) return [element("span", "muted", "never")];
  const time = timeElement(expires);
  return expires.getTime() <= Date.now()
    ? [time, " ", element("strong", "tag expired", "expired")]
    : [time];
}

/**
 * @param {UserSession} session
 * @param {string} id
 * @returns {HTMLElement}
 */
function detailsRow(session, id) {
  const row = copyOf("session-details");
  row.id = id;
  /** @type {[string, string | undefined][]} */
  const known = [
    ["Session id", session.sessionId],
    ["IP address", session.ipAddress],
    ["User agent", session.userAgent],
    ["Issuer", session.issuer],
    ["Created", utc(session.created)],
    ["Renewed", utc(session.renewed)],
    ["Expires", session.expires === undefined ? "never" : utc(session.expires)],
    ...Object.entries(session.attributes ?? {}),
  ];
  const pairs = known.map(
    ([term, value]) => /** @type {[string, string]} */ ([term, value ?? "not known"]),
  );
  find(row, "dl", HTMLDListElement).append(...descriptions(pairs));
  return row;
}
