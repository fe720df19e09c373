// @ts-check
/**
 * How long sessions last, and what ends with them.
 *
 * @module
 */

/** @import { CoordinationOptions } from "rollcall" */

/** How long a session lasts after it was used last, in seconds. */
export const SESSION_LIFETIME = 8 * 60 * 60;

/** How long a session lasts however often it is used, in milliseconds. */
export const ABSOLUTE_LIFETIME = 24 * 60 * 60 * 1000;

/** @type {CoordinationOptions} */
export const COORDINATION = {
  // The tokens of every application end with the session, and using them extends it.
  coordinateClientLifetimesWithUserSession: true,
};
