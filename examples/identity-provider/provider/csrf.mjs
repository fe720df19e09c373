// @ts-check
/**
 * CSRF tokens for forms, in addition to the check of the request's origin.
 *
 * @module
 */

/** @import { Context } from "koa" */

import { randomBytes, timingSafeEqual } from "node:crypto";
import { COOKIE_OPTIONS } from "./configuration.mjs";

const COOKIE = "csrf";

/**
 * The CSRF token of this browser, for a hidden field. It's also in a signed cookie.
 *
 * @param {Context} ctx
 * @returns {string}
 */
export function csrfToken(ctx) {
  const known = ctx.cookies.get(COOKIE, { signed: true });
  if (known !== undefined) return known;
  const token = randomBytes(16).toString("base64url");
  ctx.cookies.set(COOKIE, token, { ...COOKIE_OPTIONS, sameSite: "strict", signed: true });
  return token;
}

/**
 * Checks the CSRF token of a form, and returns the fields.
 *
 * @param {Context} ctx
 * @returns {Record<string, string>}
 */
export function checkedForm(ctx) {
  const form = Object.entries(Object(ctx.request.body)).map(([name, value]) => [
    name,
    String(value),
  ]);
  /** @type {Record<string, string>} */
  const fields = Object.fromEntries(form);
  const expected = Buffer.from(ctx.cookies.get(COOKIE, { signed: true }) ?? "");
  const actual = Buffer.from(fields.csrf ?? "");
  if (
    expected.length === 0 ||
    expected.length !== actual.length ||
    !timingSafeEqual(expected, actual)
  ) {
    ctx.throw(403, "this form is out of date: go back, reload the page and try again");
  }
  return fields;
}
