/**
 * The answers of the API. All are made here.
 *
 * @module
 */

/** No answer is stored, embedded, or read by another origin. */
const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** An answer with the headers that all have, and its own, whose names are in lower case. */
export function response(
  body: BodyInit,
  headers: Record<string, string>,
  status: number = 200,
): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

/** An answer with a value as JSON. `Response.json` takes longer: Node copies the bytes it makes. */
export function jsonResponse(value: unknown, headers: Record<string, string> = {}): Response {
  return response(JSON.stringify(value), { "content-type": "application/json", ...headers });
}
