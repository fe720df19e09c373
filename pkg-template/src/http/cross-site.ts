/**
 * Refuses requests that a page of another site makes on behalf of its visitor.
 *
 * @module
 */

/**
 * Schemes of `Authorization` that no browser adds by itself, and that a page of another site can't
 * send without a preflight, which always fails. Browsers do add `Basic`, `Digest` and `Negotiate`.
 */
const DELIBERATE = /^(?:bearer|dpop) /i;

/**
 * Whether a page of another site may have made the request.
 *
 * The rule is a stricter form of Go 1.25's `CrossOriginProtection`: `Sec-Fetch-Site` decides (Fetch
 * Metadata, section 2), or `Origin` for browsers that don't send it (the Fetch standard, section
 * 3.2). A request without either doesn't come from a browser: it is only refused if it would change
 * something and a cookie authorizes it.
 *
 * @param origin the public origin of the API; absent: the origin of the request
 */
export function isCrossSite(request: Request, origin: string | undefined): boolean {
  const { headers, method } = request;
  if (DELIBERATE.test(headers.get("authorization") ?? "") && !headers.has("cookie")) return false;
  const isRead = method === "GET";
  const site = headers.get("sec-fetch-site");
  // `none`: the user typed the address.
  if (site !== null) return !(site === "same-origin" || (site === "none" && isRead));
  const from = headers.get("origin");
  if (from !== null) return from !== (origin ?? new URL(request.url).origin);
  return !isRead && headers.has("cookie");
}
