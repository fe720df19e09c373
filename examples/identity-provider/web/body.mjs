// @ts-check
/**
 * Parses request bodies and limits their size. A body that can't be parsed is refused with 400.
 *
 * @module
 */

/** @import { Context } from "koa" */

import { bodyParser } from "@koa/bodyparser";

/** Puts the fields of a form into `ctx.request.body`. */
export const formBody = bodyParser({ enableTypes: ["form"], onError });

/**
 * @param {Error} error
 * @param {Context} ctx
 */
function onError(error, ctx) {
  const isTooLarge = "status" in error && error.status === 413;
  ctx.throw(
    isTooLarge ? 413 : 400,
    isTooLarge ? "the body is too large" : `the body can't be read: ${error.message}`,
  );
}
