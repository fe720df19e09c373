// @ts-check
/**
 * What a removal did, or would do.
 *
 * @module
 */

/** @import { Delivery, RemovalReport } from "../pkg/index.js" */

import { copyOf, descriptions, element, find } from "./dom.js";
import { counted, number, shortened, timeElement } from "./format.js";

/** What needs a look comes first. */
const STATES = ["failed", "pending", "skipped", "delivered"];

/** As many clients are named in a preview; the rest are counted. */
const NAMED_CLIENTS = 12;

/**
 * A dry run, in short: the counts, and which clients would be told.
 *
 * @param {RemovalReport} report
 * @returns {HTMLElement[]}
 */
export function previewElements(report) {
  const [skipped, told] = partition(report.deliveries, ({ state }) => state === "skipped");
  const { delivered, pending, failed } = report.notifications;
  return [
    countsElement([
      ["Sessions", report.sessionsRemoved],
      ["Tokens", report.tokensRevoked],
      ["Consents", report.consentsRevoked],
      ["Notifications", delivered + pending + failed],
    ]),
    ...clientsElement("Would be told", told),
    ...clientsElement("Would not be told", skipped),
    ...notesElement(report),
  ];
}

/**
 * What was done, in full: the counts, every delivery, and what the core has to say about it.
 *
 * @param {RemovalReport} report
 * @returns {HTMLElement[]}
 */
export function reportElements(report) {
  const { delivered, pending, failed, skipped } = report.notifications;
  const missing = delivered + pending + failed + skipped - report.deliveries.length;
  return [
    countsElement([
      ["Sessions removed", report.sessionsRemoved],
      ["Tokens revoked", report.tokensRevoked],
      ["Consents revoked", report.consentsRevoked],
    ]),
    countsElement([
      ["Delivered", delivered],
      ["Pending", pending],
      ["Failed", failed],
      ["Skipped", skipped],
    ]),
    ...notesElement(report),
    ...(report.deliveries.length === 0
      ? [element("p", "muted", "No client was to be told.")]
      : [deliveriesTable(report.deliveries)]),
    ...(missing > 0
      ? [
          element(
            "p",
            "muted",
            `${counted(missing, "further delivery", "further deliveries")} not listed.`,
          ),
        ]
      : []),
  ];
}

/**
 * One sentence for a screen reader.
 *
 * @param {RemovalReport} report
 * @returns {string}
 */
export function reportSentence({ sessionsRemoved, tokensRevoked, consentsRevoked, notifications }) {
  const done = [
    `${counted(sessionsRemoved, "session")} removed`,
    `${counted(tokensRevoked, "token")} and ${counted(consentsRevoked, "consent")} revoked`,
    `${counted(notifications.delivered, "notification")} delivered`,
  ];
  const open = notifications.failed + notifications.pending;
  return `${done.join(", ")}${open > 0 ? `, ${number(open)} failed or pending` : ""}.`;
}

/**
 * @param {[string, number][]} counts
 * @returns {HTMLElement}
 */
function countsElement(counts) {
  const groups = counts.map(([term, count]) =>
    element("div", "", ...descriptions([[term, number(count)]])),
  );
  return element("dl", "counts", ...groups);
}

/**
 * @param {RemovalReport} report
 * @returns {HTMLElement[]}
 */
function notesElement({ notes }) {
  return notes.length === 0
    ? []
    : [element("ul", "notes", ...notes.map((note) => element("li", "", note)))];
}

/**
 * Clients by name, each once, with the reason where there is one.
 *
 * @param {string} title
 * @param {Delivery[]} deliveries
 * @returns {HTMLElement[]}
 */
function clientsElement(title, deliveries) {
  const reasons = new Map(deliveries.map(({ clientId, error }) => [clientId, error]));
  if (reasons.size === 0) return [];
  const named = [...reasons].slice(0, NAMED_CLIENTS).map(([clientId, reason]) => {
    return element(
      "li",
      "",
      element("span", "tag", clientId),
      ...(reason === undefined ? [] : [` ${reason}`]),
    );
  });
  const rest = reasons.size - named.length;
  return [
    element("h4", "", title),
    element(
      "ul",
      "tags",
      ...named,
      ...(rest > 0 ? [element("li", "muted", `and ${number(rest)} more`)] : []),
    ),
  ];
}

/**
 * @param {Delivery[]} deliveries
 * @returns {HTMLElement}
 */
function deliveriesTable(deliveries) {
  const table = copyOf("delivery-table");
  const sorted = deliveries.toSorted(
    (one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state),
  );
  find(table, "tbody", HTMLTableSectionElement).append(...sorted.map(deliveryRow));
  return table;
}

/**
 * @param {Delivery} delivery
 * @returns {HTMLElement}
 */
function deliveryRow({ clientId, sessionId, state, attempts, status, error, nextAttempt }) {
  const row = copyOf("delivery-row");
  /**
   * @param {string} name
   * @param {(Node | string)[]} content
   */
  const fill = (name, ...content) => find(row, `.${name}`, HTMLTableCellElement).append(...content);
  fill("client", clientId);
  fill("state", element("span", `tag ${state}`, state));
  fill("session", sessionId === undefined ? "all of them" : sessionIdElement(sessionId));
  fill("attempts", number(attempts));
  fill("status", status === undefined ? "–" : String(status));
  fill("result", error ?? (state === "delivered" ? "Told" : "–"));
  if (nextAttempt !== undefined) fill("result", "; next attempt ", timeElement(nextAttempt));
  return row;
}

/**
 * @param {string} sessionId
 * @returns {HTMLElement}
 */
function sessionIdElement(sessionId) {
  const code = element("code", "", shortened(sessionId));
  code.title = sessionId;
  return code;
}

/**
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => boolean} belongs
 * @returns {[Item[], Item[]]} those that do, and the others
 */
function partition(items, belongs) {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
