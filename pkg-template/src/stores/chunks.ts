/**
 * Long lists, a piece at a time.
 *
 * @module
 */

/** Cuts a list into pieces of at most `size`. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let start = 0; start < list.length; start += size) {
    pieces.push(list.slice(start, start + size));
  }
  return pieces;
}

/**
 * Some databases take no value above 2 MB (D1, Durable Objects), which a text of so many characters
 * stays below however they are encoded.
 */
const LONGEST_JSON = 500_000;

/**
 * The same for a list that is passed as JSON: also cut where the text would become too long. An
 * item that is too long stands alone.
 */
export function jsonChunks<T>(list: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  let piece: T[] = [];
  let length = 0;
  for (const item of list) {
    const added = JSON.stringify(item).length;
    if (piece.length === size || (piece.length > 0 && length + added > LONGEST_JSON)) {
      pieces.push(piece);
      piece = [];
      length = 0;
    }
    piece.push(item);
    length += added;
  }
  return piece.length === 0 ? pieces : [...pieces, piece];
}
