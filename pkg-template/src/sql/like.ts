/**
 * Escapes strings for `like`.
 *
 * @module
 */

/** A `like` pattern for strings that contain this one. Its backslashes, `%` and `_` are escaped. */
export function likeContaining(part: string): string {
  return `%${part.replace(/[\\%_]/g, "\\$&")}%`;
}
