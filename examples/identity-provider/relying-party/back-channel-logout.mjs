// @ts-check
/**
 * The endpoint that receives logout tokens (OpenID Connect Back-Channel Logout 1.0, sections 2.5 to
 * 2.8).
 *
 * @module
 */

/** @import { LogoutTarget } from "./logout-token.mjs" */

import Router from "@koa/router";
import { formBody } from "../web/body.mjs";
import { InvalidLogoutToken } from "./logout-token.mjs";

/**
 * @param {object} options
 * @param {string} options.path
 * @param {(token: string) => Promise<LogoutTarget>} options.verify
 * @param {(target: LogoutTarget) => void} options.end ends the sessions. It's no error if there are
 *   none
 */
export function backChannelLogout({ path, verify, end }) {
  const router = new Router();
  router.post(path, formBody, async (ctx) => {
    ctx.set("cache-control", "no-store");
    const { logout_token: token } = Object(ctx.request.body);
    try {
      if (typeof token !== "string") throw new InvalidLogoutToken("the form has no `logout_token`");
      end(await verify(token));
      ctx.status = 204;
    } catch (error) {
      if (!(error instanceof InvalidLogoutToken)) throw error;
      ctx.status = 400;
      ctx.body = { error: "invalid_request", error_description: error.message };
    }
  });
  return router;
}
