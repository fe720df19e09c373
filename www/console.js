// @ts-check
/**
 * The console: lists what the page's address asks for, and puts the parts together.
 *
 * @module
 */

/** @import { Backend, Me } from "./backend.js" */
/** @import { Problem, Remedy } from "./problem.js" */

import { addressOf, currentAddress, queryOf, readAddress } from "./address.js";
import { connect } from "./backend.js";
import { find } from "./dom.js";
import { EndDialog } from "./end-dialog.js";
import { FilterForm } from "./filter-form.js";
import { asProblem, isAboutPlace, showProblem } from "./problem.js";
import { Results } from "./results.js";

class Console {
  #backend;
  #filter;
  #results;
  #listing = new AbortController();
  #listed = "";

  /**
   * @param {Backend} backend
   * @param {Me} me
   */
  constructor(backend, me) {
    this.#backend = backend;
    const dialog = new EndDialog(backend, me, {
      onEnded: () => this.list(),
      onClosed: () => this.#results.takeLostFocus(),
    });
    this.#filter = new FilterForm((filter) => this.#open(addressOf(filter)));
    this.#results = new Results(me, {
      endSession: (session) => dialog.open(session),
      endSubject: ({ sessionId: _, ...subject }) => dialog.open(subject),
      turn: (place) => this.#open(addressOf(readAddress().filter, place)),
      open: (address) => this.#open(address),
    });
    // A skip link changes the address too, but only the part that says where on the page to be.
    addEventListener("popstate", () => {
      if (currentAddress() !== this.#listed) this.list();
    });
  }

  /** Lists what the address asks for. A newer listing takes the place of one under way. */
  async list() {
    this.#listing.abort();
    this.#listing = new AbortController();
    const { signal } = this.#listing;
    this.#listed = currentAddress();
    const view = readAddress();
    this.#filter.show(view.filter);
    this.#results.setBusy(true);
    try {
      const page = await this.#backend.query(queryOf(view), { signal });
      if (signal.aborted) return;
      this.#filter.suggestClients(page.results.flatMap(({ clientIds }) => clientIds));
      this.#results.showPage(page, view);
    } catch (thrown) {
      if (signal.aborted) return;
      this.#showProblem(asProblem(thrown));
    }
    this.#results.setBusy(false);
  }

  /**
   * Goes to another view. One that is there already is listed anew, and adds nothing to the
   * history.
   *
   * @param {string} address
   */
  async #open(address) {
    if (address !== currentAddress()) history.pushState(null, "", address);
    await this.list();
    this.#results.scrollToTop();
  }

  /** @param {Problem} problem */
  #showProblem(problem) {
    if (problem.signInUrl !== undefined) {
      showPageProblem(problem);
    } else if (isAboutPlace(problem)) {
      const firstPage = () => this.#open(addressOf(readAddress().filter));
      this.#results.showProblem(problem, { label: "Start at page one", run: firstPage });
    } else {
      this.#results.showProblem(problem, { label: "Try again", run: () => this.list() });
    }
  }
}

/**
 * A problem that leaves nothing of the page to work with.
 *
 * @param {Problem} problem
 */
function showPageProblem(problem) {
  for (const id of ["#starting", "#console", "#who"]) find(document, id, HTMLElement).hidden = true;
  /** @type {Remedy[]} */
  const remedies =
    problem.signInUrl === undefined ? [{ label: "Try again", run: () => location.reload() }] : [];
  showProblem(find(document, "#page-problem", HTMLElement), problem, ...remedies);
}

async function start() {
  const starting = find(document, "#starting", HTMLElement);
  starting.hidden = false;
  const { backend, me } = await connect();
  starting.hidden = true;
  find(document, "#who", HTMLElement).textContent =
    `Signed in as ${me.displayName ?? me.subjectId}`;
  find(document, "#demo-notice", HTMLElement).hidden = !backend.isDemo;
  find(document, "#console", HTMLElement).hidden = false;
  await new Console(backend, me).list();
}

try {
  await start();
} catch (thrown) {
  showPageProblem(asProblem(thrown));
}
