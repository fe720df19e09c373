/**
 * Finds what is misspelt. A filter with a member that nobody reads would mean more rows than its
 * author thinks.
 *
 * @module
 */

/** The first member that is not among the known ones. */
export function unknownMember(value: object, known: ReadonlySet<string>): string | undefined {
  return Object.keys(value).find((name) => !known.has(name));
}
