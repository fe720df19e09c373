/**
 * The public types of Rollcall: the host's ports, arguments and results.
 *
 * Times are `Date` in results; arguments also accept RFC 3339 strings and epoch milliseconds. The
 * ports (the interfaces that a store implements) use epoch milliseconds, so that the core doesn't
 * convert rows. The only exception is `PersistedGrant`, whose times are `Date`: grants are written
 * and read by the provider's own code.
 *
 * @module
 */

export type * from "./types/atomic-ending.js";
export type * from "./types/call-options.js";
export type * from "./types/coordination.js";
export type * from "./types/delivery.js";
export type * from "./types/event.js";
export type * from "./types/grant-store.js";
export type * from "./types/host.js";
export type * from "./types/logout.js";
export type * from "./types/maybe-promise.js";
export type * from "./types/memory.js";
export type * from "./types/query.js";
export type * from "./types/removal.js";
export type * from "./types/runner.js";
export type * from "./types/session-store.js";
export type * from "./types/ticket.js";
