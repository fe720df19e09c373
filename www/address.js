// @ts-check
/**
 * What the page shows, as its address says it: a reload, a bookmark or a step back in history shows
 * the same again.
 *
 * @module
 */

/** @import { SessionQuery } from "../pkg/index.js" */

/** The page size when the address names none. */
export const DEFAULT_SIZE = 25;

const STATES = /** @type {const} */ (["any", "active", "expired"]);
const ORDERS = /** @type {const} */ (["newest", "oldest"]);

/**
 * The fields of the filter form. A blank text is no filter.
 *
 * @typedef {object} Filter
 * @property {string} search
 * @property {string} subject
 * @property {string} session
 * @property {string} name
 * @property {string} client
 * @property {typeof STATES[number]} state
 * @property {typeof ORDERS[number]} order
 * @property {number} size
 */

/**
 * A place in the list: a results token, and which way to go from it. None is the first page.
 *
 * @typedef {{ token: string, prior: boolean }} Place
 */

/** @typedef {{ filter: Filter, place: Place | undefined }} View */

/** @type {Readonly<Filter>} */
export const NO_FILTER = {
  search: "",
  subject: "",
  session: "",
  name: "",
  client: "",
  state: "any",
  order: "newest",
  size: DEFAULT_SIZE,
};

/**
 * The address of what is shown, relative to the site.
 *
 * @returns {string}
 */
export function currentAddress() {
  return location.pathname + location.search;
}

/** @returns {View} */
export function readAddress() {
  const values = new URLSearchParams(location.search);
  const token = values.get("token");
  return {
    filter: readFilter((name) => values.get(name)),
    place: token ? { token, prior: values.has("prior") } : undefined,
  };
}

/**
 * A filter from named values, as a form or an address has them.
 *
 * @param {(name: string) => string | null} value
 * @returns {Filter}
 */
export function readFilter(value) {
  /** @param {string} name */
  const text = (name) => value(name)?.trim() ?? "";
  const size = Number(value("size") ?? DEFAULT_SIZE);
  return {
    search: text("search"),
    subject: text("subject"),
    session: text("session"),
    name: text("name"),
    client: text("client"),
    state: STATES.find((state) => state === value("state")) ?? NO_FILTER.state,
    order: ORDERS.find((order) => order === value("order")) ?? NO_FILTER.order,
    size: Number.isInteger(size) && size > 0 ? size : DEFAULT_SIZE,
  };
}

/**
 * The address of a view, relative to the page. What a filter leaves at its default is not in it.
 *
 * @param {Filter} filter
 * @param {Place} [place]
 * @returns {string}
 */
export function addressOf(filter, place) {
  const values = new URLSearchParams(
    new URLSearchParams(location.search).has("demo") ? { demo: "" } : {},
  );
  for (const name of /** @type {(keyof Filter)[]} */ (Object.keys(NO_FILTER))) {
    if (filter[name] !== NO_FILTER[name]) values.set(name, String(filter[name]));
  }
  if (place !== undefined) values.set("token", place.token);
  if (place?.prior) values.set("prior", "");
  const query = values.toString();
  return query === "" ? location.pathname : `${location.pathname}?${query}`;
}

/**
 * The query that answers a view.
 *
 * @param {View} view
 * @returns {SessionQuery}
 */
export function queryOf({ filter, place }) {
  return {
    search: filter.search,
    subjectId: filter.subject,
    sessionId: filter.session,
    displayName: filter.name,
    clientId: filter.client,
    state: filter.state,
    order: filter.order,
    countRequested: filter.size,
    ...(place && { resultsToken: place.token, requestPriorResults: place.prior }),
  };
}
