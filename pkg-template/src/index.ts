/**
 * Rollcall lists who is signed in, and signs them out, everywhere: the session management of an
 * OpenID Provider.
 *
 * @module
 */

export { SessionCoordination } from "./coordination.js";
export { coreVersion, foldText } from "./core.js";
export { LogoutDelivery } from "./delivery.js";
export { RollcallError, type RollcallErrorCode } from "./errors.js";
export { SessionManagement } from "./management.js";
export { memoryStores } from "./memory.js";
export { TicketStore } from "./tickets.js";
export type * from "./types.js";
