/**
 * Finds blank strings. The core decides what a blank filter means (`src/blank_filter.rs`).
 *
 * @module
 */

/** White space as the core defines it: with U+0085, which `\s` doesn't match. */
const BLANK = /^[\s\x85]*$/;

/** Whether a string is empty or only has white space. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}
