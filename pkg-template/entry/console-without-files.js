// @ts-check
// Cloudflare Workers, edge runtimes and browsers have no file system to read the console from.

import { RollcallError } from "../errors.js";

/** @returns {never} */
export function consoleFiles() {
  throw new RollcallError(
    "not_configured",
    "this host can't read files: serve the package's folder `console/` as static files, on Cloudflare Workers with `assets.directory`",
  );
}
