/**
 * The only place where the API's answers are made.
 *
 * @module
 */

/** Answers are never cached, embedded, or read by another origin. */
const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** An answer with the common headers and its own, whose names are in lower case. */
export function response(
  body: BodyInit,
  headers: Record<string, string>,
  status: number = 200,
): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

/**
 * An answer with a JSON value. `Response.json` is slower, because Node copies the bytes that it
 * produces.
 */
export function jsonResponse(value: unknown, headers: Record<string, string> = {}): Response {
  return response(JSON.stringify(value), { "content-type": "application/json", ...headers });
}
