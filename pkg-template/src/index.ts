/**
 * Rollcall lists who is signed in, and signs them out, everywhere: the session management of an OpenID Provider.
 *
 * @module
 */

export { coreVersion } from "./core.js";
export { RollcallError, type RollcallErrorCode } from "./errors.js";
export type * from "./types.js";
