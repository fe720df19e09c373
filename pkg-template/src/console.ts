/**
 * The console: session administration in the browser, as a handler for its static files. It works
 * on Node, Deno and Bun. The guide is `docs/guides/console.md`.
 *
 * @example
 * import { consoleFiles } from "rollcall/console";
 *
 * const files = consoleFiles();
 * const api = adminApi({ management, authorize });
 * const serve = (request: Request) =>
 *   new URL(request.url).pathname.startsWith("/admin/api/") ? api(request) : files(request);
 *
 * @module
 */

import { invalidArgument } from "./errors.js";
import { checkedBasePath, optionsObject } from "./options.js";
import { answer } from "./site/answer.js";
import { Site } from "./site/site.js";
import { checkRequest } from "./web-request.js";

/**
 * The options of `consoleFiles`.
 *
 * @example
 * import type { ConsoleFilesOptions } from "rollcall/console";
 *
 * const options: ConsoleFilesOptions = { api: "/internal/sessions/", basePath: "/admin" };
 */
export interface ConsoleFilesOptions {
  /**
   * The mount point of the admin API: a path on the same origin, or one relative to the console.
   * Default `api/`, so a console at `/admin/` calls `/admin/api/v1/…`.
   */
  api?: string | undefined;
  /**
   * The path under which the handler sees the console, such as `/admin`. All other paths are 404.
   * Default: every path that ends with `/` is the console.
   */
  basePath?: string | undefined;
}

/**
 * Answers one request for a file of the console: `GET` and `HEAD`. Other methods are 405, unknown
 * files 404. It only rejects with `invalid_argument`, if its argument is not a `Request`.
 */
export type ConsoleFiles = (request: Request) => Promise<Response>;

/**
 * Makes the handler. Mount it under any path; the console's address ends with `/`, and a request
 * without the slash is redirected. Serve it on the origin of the admin API: the console sends the
 * browser's cookies, and there are no CORS headers.
 *
 * The files contain no data and need no sign-in. They are read once, now. Answers have an `ETag`, a
 * content security policy and other security headers, and are compressed if the browser accepts
 * gzip.
 *
 * Cloudflare Workers have no file system: set `assets.directory` to `node_modules/rollcall/console`
 * there.
 *
 * @throws {RollcallError} `invalid_argument` if an option is unknown or malformed, and
 * `not_configured` if the files of the package can't be read
 * @example
 * import { consoleFiles } from "rollcall/console";
 *
 * const files = consoleFiles({ api: "../sessions-api/", basePath: "/admin" });
 * const page = await files(new Request("https://id.example.com/admin/"));
 */
export function consoleFiles(options?: ConsoleFilesOptions): ConsoleFiles {
  const { api = "api/", basePath } = optionsObject(options, "the options of `consoleFiles`", [
    "api",
    "basePath",
  ]);
  const mount = checkedBasePath(basePath, "/admin");
  const site = new Site(checkedApi(api));
  return async (request) => {
    checkRequest(request, "the console", "files");
    return await answer(request, site, mount);
  };
}

function checkedApi(api: unknown): string {
  const base = "https://console.invalid/console/";
  if (typeof api === "string" && api.trim() === api && api !== "" && URL.canParse(api, base)) {
    const { origin, search, hash } = new URL(api, base);
    if (origin === new URL(base).origin && search === "" && hash === "") return api;
  }
  throw invalidArgument(
    "`api` must be a path on the console's own origin, such as `/admin/api/`, or relative to it, such as `api/`",
  );
}
