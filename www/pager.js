// @ts-check
/**
 * The bar with the totals and the ways to the pages before and after.
 *
 * @module
 */

/** @import { QueryResult } from "../pkg/index.js" */
/** @import { Place } from "./address.js" */

import { find } from "./dom.js";
import { counted, number } from "./format.js";

export class Pager {
  #bar = find(document, "#pager", HTMLElement);
  #total = find(document, "#total", HTMLElement);
  #pageNumber = find(document, "#page-number", HTMLElement);
  #prev = find(document, "#prev-page", HTMLButtonElement);
  #next = find(document, "#next-page", HTMLButtonElement);
  /** @type {string | undefined} */
  #token;

  /** @param {(place: Place) => void} onTurn */
  constructor(onTurn) {
    /** @param {boolean} prior */
    const turn = (prior) => {
      if (this.#token !== undefined) onTurn({ token: this.#token, prior });
    };
    this.#prev.addEventListener("click", () => turn(true));
    this.#next.addEventListener("click", () => turn(false));
  }

  hide() {
    this.#bar.hidden = true;
  }

  /**
   * @param {QueryResult} page
   * @returns {string} what the bar now says
   */
  show(page) {
    this.#bar.hidden = false;
    this.#token = page.resultsToken;
    this.#total.textContent = totalText(page);
    this.#pageNumber.textContent = pageText(page);
    enable(this.#prev, page.hasPrevResults, this.#next);
    enable(this.#next, page.hasNextResults, this.#prev);
    return [this.#total.textContent, this.#pageNumber.textContent]
      .filter((text) => text !== "")
      .join(", ");
  }
}

/**
 * Enables or disables a button. A disabled one cannot keep the keyboard's focus: the other takes
 * it.
 *
 * @param {HTMLButtonElement} button
 * @param {boolean} enabled
 * @param {HTMLButtonElement} other
 */
function enable(button, enabled, other) {
  const hadFocus = document.activeElement === button;
  button.disabled = !enabled;
  if (hadFocus && !enabled) {
    other.disabled = false;
    other.focus();
  }
}

/**
 * @param {QueryResult} page
 * @returns {string}
 */
function totalText({ results, totalCount, totalCountIsCapped }) {
  if (totalCount === undefined) return `${counted(results.length, "session")} on this page`;
  return `${totalCountIsCapped ? "More than " : ""}${counted(totalCount, "session")}`;
}

/**
 * @param {QueryResult} page
 * @returns {string}
 */
function pageText({ currentPage, totalPages, totalCount }) {
  if (currentPage === undefined || totalPages === undefined || totalCount === 0) return "";
  return `page ${number(currentPage)} of ${number(totalPages)}`;
}
