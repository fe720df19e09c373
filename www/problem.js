// @ts-check
/**
 * What went wrong, and what the administrator can do about it.
 *
 * @module
 */

import { element } from "./dom.js";

/**
 * An error of the page's own making, or one that a server reported (RFC 9457). `message` says what
 * happened.
 */
export class Problem extends Error {
  /**
   * @param {string} code one of Rollcall's error codes, or one of the page's own: the keys of
   *   `ADVICE`
   * @param {string} message
   * @param {{ cause?: unknown, signInUrl?: string }} [more] `signInUrl` where the problem is about
   *   who is asking: nothing works before the administrator signed in there
   */
  constructor(code, message, { cause, signInUrl } = {}) {
    super(message, { cause });
    this.code = code;
    this.signInUrl = signInUrl;
  }
}

/** @type {ReadonlyMap<string, string>} */
const ADVICE = new Map([
  ["invalid_argument", "Nothing was changed. Correct what the message names and try again."],
  ["empty_target", "Nothing was changed. Name a subject or a session."],
  [
    "invalid_results_token",
    "This link to a page of results is damaged. The filter is still good: start at its first page.",
  ],
  [
    "results_token_mismatch",
    "This page of results belongs to another filter or order. Start at the first page of this one.",
  ],
  [
    "unsupported_filter",
    "The session store cannot search by this. Clear that field and apply the filter again.",
  ],
  [
    "not_configured",
    "The server lacks a service that this needs. Clear the option that asks for it.",
  ],
  ["store_failed", "Try again. If it fails again, the server's log has the store's own error."],
  [
    "sender_failed",
    "The sessions are gone; it is the clients that may not know. Repeating it is safe.",
  ],
  ["aborted", "What was done by then stays done. Repeating it completes the rest."],
  ["unreachable", "Check the connection and try again."],
  ["not_signed_in", "Sign in as an administrator to go on."],
  ["not_an_administrator", "Your account may not manage sessions. Sign in with one that may."],
  ["package_missing", "Run `cargo xtask build` and serve its `pkg/` folder below this page."],
]);

/** The problems that a query without its results token does not have. */
const PLACE = new Set(["invalid_results_token", "results_token_mismatch"]);

/**
 * Anything thrown, as a problem: a `RollcallError` keeps its code, and a mistake in the page is
 * `unexpected`.
 *
 * @param {unknown} thrown
 * @returns {Problem}
 */
export function asProblem(thrown) {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof Error && "code" in thrown && typeof thrown.code === "string") {
    return new Problem(thrown.code, thrown.message, { cause: thrown });
  }
  console.error(thrown);
  return new Problem("unexpected", thrown instanceof Error ? thrown.message : String(thrown), {
    cause: thrown,
  });
}

/**
 * @param {Problem} problem
 * @returns {boolean} whether the first page of the same filter would work
 */
export function isAboutPlace(problem) {
  return PLACE.has(problem.code);
}

/** @typedef {{ label: string, run: () => void } | { label: string, href: string }} Remedy */

/**
 * Shows a problem in a box of its own, or clears the box. One that signing in cures comes with the
 * link to do so.
 *
 * @param {HTMLElement} box
 * @param {Problem | undefined} problem
 * @param {Remedy[]} remedies
 */
export function showProblem(box, problem, ...remedies) {
  box.hidden = problem === undefined;
  if (problem === undefined) {
    box.replaceChildren();
    return;
  }
  const advice = ADVICE.get(problem.code);
  if (problem.signInUrl !== undefined)
    remedies.unshift({ label: "Sign in", href: problem.signInUrl });
  box.replaceChildren(
    element("p", "message", problem.message, " ", element("code", "", problem.code)),
    ...(advice === undefined ? [] : [element("p", "", advice)]),
    ...(remedies.length === 0 ? [] : [element("p", "buttons", ...remedies.map(remedyElement))]),
  );
}

/**
 * @param {Remedy} remedy
 * @returns {HTMLElement}
 */
function remedyElement(remedy) {
  if ("href" in remedy) {
    const link = element("a", "button", remedy.label);
    link.href = remedy.href;
    return link;
  }
  const button = element("button", "", remedy.label);
  button.type = "button";
  button.addEventListener("click", remedy.run);
  return button;
}
