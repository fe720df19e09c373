/**
 * How often a race is repeated: `cargo xtask test --long` asks for more.
 *
 * @module
 */

/** The number of rounds of each race. */
export const ROUNDS = process.env.ROLLCALL_LONG === "1" ? 1_000 : 100;
