// @ts-check
/**
 * The back end that is a server: its admin API, at `api/v1/` beside the page.
 *
 * @module
 */

/** @import { Delivery, QueryResult, RemovalReport, UserSession } from "../pkg/index.js" */
/** @import { Me as Caller, ProblemDocument } from "../pkg/http.js" */
/** @import { Backend } from "./backend.js" */

import { currentAddress } from "./address.js";
import { Problem } from "./problem.js";

/** @returns {Backend} */
export function serverBackend() {
  return {
    isDemo: false,
    me: async () => {
      const { actor, displayName = actor, ...me } = /** @type {Caller} */ (await call("v1/me"));
      return { ...me, displayName };
    },
    query: async (query, options) =>
      withDates(/** @type {QueryResult} */ (await call("v1/sessions/query", query, options))),
    remove: async (removal, options) =>
      withDeliveryDates(
        /** @type {RemovalReport} */ (await call("v1/sessions/remove", removal, options)),
      ),
  };
}

/**
 * One call: `GET` without a body, `POST` with one.
 *
 * @param {string} name
 * @param {object} [body]
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<unknown>}
 */
async function call(name, body, options) {
  const response = await fetch(new URL(`api/${name}`, document.baseURI), {
    ...options,
    headers: { accept: "application/json", ...(body && { "content-type": "application/json" }) },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  }).catch((cause) => {
    throw new Problem(
      options?.signal?.aborted ? "aborted" : "unreachable",
      "the server could not be reached",
      { cause },
    );
  });
  const isJson = /^application\/(problem\+)?json\b/.test(
    response.headers.get("content-type") ?? "",
  );
  const answer = isJson ? await response.json() : undefined;
  if (!response.ok) throw problemOf(response, answer);
  if (answer === undefined)
    throw new Problem(
      "no_api",
      `what answers at \`api/${name}\` is no admin API: its answer is not JSON`,
    );
  return answer;
}

/**
 * The problem that a response tells of: by its status where that alone decides what to do, or else
 * by its code (RFC 9457).
 *
 * @param {Response} response
 * @param {Partial<ProblemDocument> | undefined} body
 * @returns {Problem}
 */
function problemOf({ status, statusText }, body) {
  const message =
    body?.detail ?? body?.title ?? `the server answered ${status} ${statusText}`.trimEnd();
  const signIn = body?.signIn ?? "/sign-in?return={return}";
  const signInUrl = signIn.replace("{return}", encodeURIComponent(currentAddress()));
  switch (status) {
    case 401:
      return new Problem("not_signed_in", message, { signInUrl });
    case 403:
      return new Problem("not_an_administrator", message, { signInUrl });
    case 404:
      return new Problem("no_api", message);
    default:
      return new Problem(body?.code ?? `http_${status}`, message);
  }
}

/**
 * JSON has no dates: times arrive as ISO 8601.
 *
 * @param {QueryResult} page
 * @returns {QueryResult}
 */
function withDates(page) {
  return { ...page, results: page.results.map(sessionWithDates) };
}

/**
 * @param {UserSession} session
 * @returns {UserSession}
 */
function sessionWithDates({ created, renewed, expires, ...rest }) {
  return {
    ...rest,
    created: new Date(created),
    renewed: new Date(renewed),
    ...(expires && { expires: new Date(expires) }),
  };
}

/**
 * @param {RemovalReport} report
 * @returns {RemovalReport}
 */
function withDeliveryDates(report) {
  return { ...report, deliveries: report.deliveries.map(deliveryWithDate) };
}

/**
 * @param {Delivery} delivery
 * @returns {Delivery}
 */
function deliveryWithDate({ nextAttempt, ...rest }) {
  return { ...rest, ...(nextAttempt && { nextAttempt: new Date(nextAttempt) }) };
}
