/**
 * Lists who is signed in and signs them out everywhere: session management for an OpenID Provider.
 *
 * @module
 */

export { coreVersion, foldText } from "./core.js";
export { RollcallError, type RollcallErrorCode } from "./errors.js";
export { SessionCoordination } from "./services/coordination.js";
export { LogoutDelivery } from "./services/delivery.js";
export { SessionManagement } from "./services/management.js";
export { TicketStore } from "./services/tickets.js";
export type * from "./types.js";
