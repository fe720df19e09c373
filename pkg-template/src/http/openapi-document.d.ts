/**
 * `openapi.json` as a module. `cargo xtask build` makes both.
 *
 * @module
 */

/** The document, as JSON. */
export const OPENAPI: string;
