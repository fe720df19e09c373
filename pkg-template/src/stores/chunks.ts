/**
 * Splits long lists.
 *
 * @module
 */

import { D1_VALUE_BYTES } from "../sql/sqlite/d1-limits.js";

/** Splits a list into chunks of at most `size` items. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let start = 0; start < list.length; start += size) {
    pieces.push(list.slice(start, start + size));
  }
  return pieces;
}

/** In characters, which have up to four bytes: JSON of this length stays below D1's limit. */
const MAX_JSON = D1_VALUE_BYTES / 4;

/**
 * The same for a list that is passed as JSON: also splits where the JSON would become too long. An
 * oversized item gets its own chunk.
 */
export function jsonChunks<T>(list: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  let piece: T[] = [];
  let length = 0;
  for (const item of list) {
    const added = JSON.stringify(item).length;
    if (piece.length === size || (piece.length > 0 && length + added > MAX_JSON)) {
      pieces.push(piece);
      piece = [];
      length = 0;
    }
    piece.push(item);
    length += added;
  }
  return piece.length === 0 ? pieces : [...pieces, piece];
}
