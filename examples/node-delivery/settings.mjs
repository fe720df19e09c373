// @ts-check
/**
 * The settings, read from the environment. README.md describes them.
 *
 * @module
 */

/** @import { Client, DeliveryOptions } from "rollcall" */
/** @import { SigningKey } from "rollcall/logout" */

const {
  DATABASE,
  PORT,
  ISSUER,
  SIGNING_KEYS,
  CLIENTS,
  ADMIN_TOKEN,
  DELIVERY,
  INTERVAL,
  ALLOW_INSECURE,
} = process.env;

export const database = DATABASE ?? "sessions.db";
export const port = Number(PORT ?? 8080);
export const issuer = ISSUER ?? "https://id.example.com";
/** Milliseconds between two passes over the outbox. */
export const interval = Number(INTERVAL ?? 5_000);
export const allowInsecure = ALLOW_INSECURE === "1";

/** @type {string} */
export const adminToken = required("ADMIN_TOKEN", ADMIN_TOKEN);
/** @type {SigningKey[]} */
export const signingKeys = JSON.parse(required("SIGNING_KEYS", SIGNING_KEYS));
/** @type {Client[]} */
export const clients = JSON.parse(required("CLIENTS", CLIENTS));
/** @type {DeliveryOptions} */
export const deliveryOptions = JSON.parse(DELIVERY ?? "{}");

/**
 * @param {string} name
 * @param {string | undefined} value
 */
function required(name, value) {
  if (!value) throw new Error(`${name} is not set: see README.md`);
  return value;
}
