/**
 * Answers a request for a file of the console.
 *
 * @module
 */

import { acceptsGzip, matchesTag } from "./conditions.js";
import { ASSETS, PAGE, type Site, type SiteFile } from "./site.js";

/** @param basePath the mount point; without it any path that ends with `/` is the page */
export async function answer(
  request: Request,
  site: Site,
  basePath: string | undefined,
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refusal(405, "use GET or HEAD", site, { allow: "GET, HEAD" });
  }
  const { pathname, search } = new URL(request.url);
  const path = basePath === undefined ? anywhere(pathname) : below(basePath, pathname);
  if (path === OUTSIDE) return refusal(404, NOT_MOUNTED, site);
  if (path === NO_SLASH) {
    // Relative, because a proxy may have removed the start of the path.
    const location = `./${pathname.slice(pathname.lastIndexOf("/") + 1)}/${search}`;
    return refusal(308, "the console's address ends with a slash", site, { location });
  }
  const file = site.file(path === "" ? PAGE : path);
  return file === undefined
    ? refusal(404, "there is no such file", site)
    : await fileAnswer(request, file);
}

/** The mount point itself, where relative addresses of the page would lead elsewhere. */
const NO_SLASH = Symbol("no slash");

/** A path that isn't below the mount point. */
const OUTSIDE = Symbol("outside");

const NOT_MOUNTED =
  "this path isn't under `basePath`: leave that out if the framework strips the mount point";

type Place = string | typeof NO_SLASH | typeof OUTSIDE;

function below(basePath: string, pathname: string): Place {
  if (pathname === basePath) return NO_SLASH;
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length + 1) : OUTSIDE;
}

/** The path below the console, if the console can be anywhere. */
function anywhere(pathname: string): Place {
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  if (pathname.slice(0, pathname.length - last.length).endsWith(`/${ASSETS}`)) {
    return ASSETS + last;
  }
  const isFile = last === "" || last.includes(".") || last.startsWith("_");
  return isFile ? last : NO_SLASH;
}

async function fileAnswer(request: Request, file: SiteFile): Promise<Response> {
  const isCompressed = acceptsGzip(request.headers.get("accept-encoding"));
  const { contents, etag } = isCompressed ? await file.compressed : file.plain;
  const headers = { ...file.headers, etag, vary: "Accept-Encoding" };
  if (matchesTag(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === "HEAD" ? null : contents, {
    headers: { ...headers, ...(isCompressed && { "content-encoding": "gzip" }) },
  });
}

/** An answer without a file. */
function refusal(
  status: number,
  sentence: string,
  site: Site,
  headers: Record<string, string> = {},
): Response {
  const type = { "content-type": "text/plain; charset=utf-8" };
  return new Response(`${sentence}\n`, {
    status,
    headers: { ...site.headers, ...type, "cache-control": "no-store", ...headers },
  });
}
