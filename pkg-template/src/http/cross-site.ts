/**
 * Refuses requests that a page of another site makes in the name of its visitor.
 *
 * @module
 */

/**
 * Schemes of `Authorization` that no browser sends by itself, and no page of another site can send
 * without a preflight, which never passes. A browser does send `Basic`, `Digest` and `Negotiate` by
 * itself.
 */
const DELIBERATE = /^(?:bearer|dpop) /i;

/**
 * Whether a page of another site may have made the request.
 *
 * The rule is that of Go 1.25's `CrossOriginProtection`, made strict: `Sec-Fetch-Site` decides
 * (Fetch Metadata, section 2), and `Origin` where a browser is too old to send it (the Fetch
 * standard, section 3.2). A request without both is no browser's: it is refused only if it would
 * change something by the authority of a cookie.
 *
 * @param origin the public origin of the API; absent: that of the request
 */
export function isCrossSite(request: Request, origin: string | undefined): boolean {
  const { headers, method } = request;
  if (DELIBERATE.test(headers.get("authorization") ?? "") && !headers.has("cookie")) return false;
  const isRead = method === "GET";
  const site = headers.get("sec-fetch-site");
  // `none`: a person typed the address.
  if (site !== null) return !(site === "same-origin" || (site === "none" && isRead));
  const from = headers.get("origin");
  if (from !== null) return from !== (origin ?? new URL(request.url).origin);
  return !isRead && headers.has("cookie");
}
