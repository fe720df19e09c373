// @ts-check
/**
 * Bodies of requests, parsed and limited in size. What cannot be parsed is the sender's mistake.
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
    isTooLarge ? "the body is too large" : `the body cannot be read: ${error.message}`,
  );
}
