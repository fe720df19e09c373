/**
 * Finds misspelt members. A filter with an ignored member would match more rows than its author
 * intended.
 *
 * @module
 */

/** The first unknown member. */
export function unknownMember(value: object, known: ReadonlySet<string>): string | undefined {
  return Object.keys(value).find((name) => !known.has(name));
}
