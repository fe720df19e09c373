// @ts-check
/**
 * Serves the files of a folder: the console and its package.
 *
 * @module
 */

/** @import { Context } from "koa" */

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";

/** The types of the files of the console. Other files aren't served. */
const TYPES = new Map([
  [".css", "text/css; charset=utf-8"],
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".mjs", "text/javascript; charset=utf-8"],
  [".json", "application/json; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".wasm", "application/wasm"],
]);

/**
 * Sends a file of the folder, or 404. Neither `..` nor a link can lead out of the folder.
 *
 * @param {Context} ctx
 * @param {string} folder
 * @param {string} path relative. If it's empty or ends with a slash, `index.html` is sent
 * @returns {Promise<void>}
 */
export async function sendFile(ctx, folder, path) {
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  const type = TYPES.get(extname(file));
  if (type === undefined) ctx.throw(404);

  const root = await existing(ctx, realpath(folder));
  const target = await existing(ctx, realpath(resolve(join(root, file))));
  if (!target.startsWith(root + sep) || !(await stat(target)).isFile()) ctx.throw(404);
  ctx.type = type;
  ctx.body = createReadStream(target);
}

/**
 * @template T
 * @param {Context} ctx
 * @param {Promise<T>} found
 * @returns {Promise<T>}
 */
async function existing(ctx, found) {
  try {
    return await found;
  } catch (error) {
    const isMissing =
      error instanceof Error &&
      "code" in error &&
      ["ENOENT", "ENOTDIR"].includes(String(error.code));
    if (isMissing) ctx.throw(404);
    throw error;
  }
}
