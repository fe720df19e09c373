// @ts-check
/**
 * The lifetimes of sessions, and their coordination with clients.
 *
 * @module
 */

/** @import { CoordinationOptions } from "rollcall" */

/** How long a session lasts after its last use, in seconds. */
export const SESSION_LIFETIME = 8 * 60 * 60;

/** How long a session can last in total, in milliseconds. */
export const ABSOLUTE_LIFETIME = 24 * 60 * 60 * 1000;

/** @type {CoordinationOptions} */
export const COORDINATION = {
  // The tokens of every application end with the session, and using them extends it.
  coordinateClientLifetimesWithUserSession: true,
};
