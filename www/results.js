// @ts-check
/**
 * The section with the sessions: loading, empty, failed, or a page of them.
 *
 * @module
 */

/** @import { QueryResult } from "../pkg/index.js" */
/** @import { Place, View } from "./address.js" */
/** @import { Me } from "./backend.js" */
/** @import { Problem, Remedy } from "./problem.js" */
/** @import { SessionActions } from "./session-table.js" */

import { addressOf, NO_FILTER } from "./address.js";
import { element, find } from "./dom.js";
import { counted } from "./format.js";
import { Pager } from "./pager.js";
import { showProblem } from "./problem.js";
import { SessionTable } from "./session-table.js";

export class Results {
  #section = find(document, "#results", HTMLElement);
  #title = find(document, "#results-title", HTMLElement);
  #announcement = find(document, "#announcement", HTMLElement);
  #problem = find(document, "#results-problem", HTMLElement);
  #empty = find(document, "#empty", HTMLElement);
  #table;
  #pager;

  /**
   * @param {Me} me
   * @param {Omit<SessionActions, "announce"> & { turn: (place: Place) => void, open: (address:
   *   string) => void }} actions
   */
  constructor(me, { turn, open, ...sessionActions }) {
    this.#table = new SessionTable(me, {
      ...sessionActions,
      announce: (message) => this.#announce(message),
    });
    this.#pager = new Pager(turn);
    this.#section.addEventListener("click", (event) => followInPage(event, open));
  }

  /**
   * Says whether a page is on its way. What is shown stays until then; the first time that is a
   * line of text.
   *
   * @param {boolean} isBusy
   */
  setBusy(isBusy) {
    this.#section.ariaBusy = String(isBusy);
  }

  /**
   * @param {QueryResult} page
   * @param {View} view
   */
  showPage(page, view) {
    this.#keepFocus(() => {
      showProblem(this.#problem, undefined);
      this.#table.show(page.results);
      this.#empty.hidden = page.results.length > 0;
      this.#empty.replaceChildren(...(page.results.length > 0 ? [] : emptyElements(page, view)));
      this.#announce(this.#pager.show(page));
    });
  }

  /**
   * @param {Problem} problem
   * @param {Remedy[]} remedies
   */
  showProblem(problem, ...remedies) {
    this.#keepFocus(() => {
      this.#table.show([]);
      this.#pager.hide();
      this.#empty.hidden = true;
      showProblem(this.#problem, problem, ...remedies);
    });
  }

  /** Brings the beginning of the list into sight, where it is not. */
  scrollToTop() {
    const { top } = this.#section.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) this.#section.scrollIntoView();
  }

  /**
   * Gives the keyboard a place to go on from, where the element that had the focus is gone or
   * hidden.
   */
  takeLostFocus() {
    const { activeElement, body } = document;
    if (activeElement === null || activeElement === body || !activeElement.checkVisibility())
      this.#title.focus();
  }

  /**
   * A change of the section that takes the focused element away leaves the focus in the section.
   *
   * @param {() => void} change
   */
  #keepFocus(change) {
    const hadFocus = this.#section.contains(document.activeElement);
    change();
    if (hadFocus) this.takeLostFocus();
  }

  /** @param {string} message */
  #announce(message) {
    this.#announcement.textContent = message;
  }
}

/**
 * @param {QueryResult} page
 * @param {View} view
 * @returns {HTMLElement[]}
 */
function emptyElements({ totalCount = 0 }, { filter, place }) {
  if (totalCount > 0) {
    const first = element("a", "button", "Go to page one");
    first.href = addressOf(filter);
    return [
      element(
        "p",
        "",
        `Nothing is left on this page; ${counted(totalCount, "session")} are on others.`,
      ),
      first,
    ];
  }
  const isFiltered =
    place !== undefined ||
    addressOf(filter) !== addressOf({ ...NO_FILTER, order: filter.order, size: filter.size });
  return [
    element(
      "p",
      "",
      isFiltered
        ? "No session matches this filter."
        : "There are no sessions: nobody is signed in.",
    ),
  ];
}

/**
 * Follows a link to another view of this page without loading the page anew, unless a new tab or
 * the like is asked for.
 *
 * @param {MouseEvent} event
 * @param {(address: string) => void} open
 */
function followInPage(event, open) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const isPlainClick =
    event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (
    link === null ||
    !isPlainClick ||
    link.pathname !== location.pathname ||
    link.origin !== location.origin
  )
    return;
  event.preventDefault();
  open(link.pathname + link.search);
}
