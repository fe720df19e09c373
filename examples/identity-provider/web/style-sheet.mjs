// @ts-check
/**
 * The style sheet that the identity provider and the applications share.
 *
 * @module
 */

/** @import { Middleware } from "koa" */

import { readFile } from "node:fs/promises";

const file = new URL("style.css", import.meta.url);

/**
 * Serves `/style.css`.
 *
 * @type {Middleware}
 */
export async function styleSheet(ctx, next) {
  if (ctx.method !== "GET" || ctx.path !== "/style.css") return next();
  ctx.type = "text/css; charset=utf-8";
  ctx.body = await readFile(file);
}
