// @ts-check
/**
 * Clients for the made-up sessions. Most have no logout URI. The others produce each outcome that a
 * report can show.
 *
 * @module
 */

/** @import { Client } from "rollcall" */

import Koa from "koa";
import { backChannelLogout } from "../relying-party/back-channel-logout.mjs";
import { logoutTokenVerifier } from "../relying-party/logout-token.mjs";

/** @import { JWTVerifyGetKey } from "jose" */

/** Without a logout URI. */
const SILENT = [
  "badge-printer",
  "book-club",
  "canteen",
  "car-pool",
  "data-room",
  "expenses",
  "help-desk",
  "intranet",
  "learning",
  "maps",
  "meeting-rooms",
  "newsroom",
  "parking",
  "recruiting",
  "telephony",
];

/** Verify and accept each logout token. */
const LISTENING = ["calendar", "payroll"];

/** Answers 503: the notification stays pending. */
const BUSY = "warehouse";

/** Answers 404: the notification fails. */
const MOVED = "crm";

/** No longer enabled: the notification is skipped. */
const DISABLED = "archive";

/** All made-up clients, by id. */
export const MADE_UP_CLIENT_IDS = [...SILENT, ...LISTENING, BUSY, MOVED, DISABLED];

/**
 * @param {string} origin of `madeUpApplication`
 * @returns {Client[]}
 */
export function madeUpClients(origin) {
  return [
    ...SILENT.map((clientId) => ({ clientId })),
    ...[...LISTENING, BUSY, MOVED].map((clientId) => ({
      clientId,
      backChannelLogoutUri: origin + pathOf(clientId),
    })),
    { clientId: DISABLED, enabled: false, backChannelLogoutUri: origin + pathOf(DISABLED) },
  ];
}

/**
 * The logout endpoints of the made-up clients.
 *
 * @param {{ issuer: string, keys: JWTVerifyGetKey }} provider
 * @returns {Koa}
 */
export function madeUpApplication({ issuer, keys }) {
  const app = new Koa();
  for (const clientId of LISTENING) {
    const verify = logoutTokenVerifier({ issuer, clientId, keys });
    app.use(backChannelLogout({ path: pathOf(clientId), verify, end: () => {} }).routes());
  }
  app.use((ctx) => {
    if (ctx.path !== pathOf(BUSY)) return;
    ctx.status = 503;
    ctx.set("retry-after", "60");
  });
  return app;
}

/**
 * @param {string} clientId
 * @returns {string}
 */
function pathOf(clientId) {
  return `/${clientId}/backchannel-logout`;
}
