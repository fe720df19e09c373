/**
 * The version of the package.
 *
 * @module
 */

/** `cargo xtask build` fills it in. */
export const VERSION = "0.0.0";
