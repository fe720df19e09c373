/**
 * The maximum lengths of strings that every store supports.
 *
 * @module
 */

/**
 * By member, in characters (Unicode code points). The core has the same lengths (`src/strings.rs`,
 * where a test compares them). These are for hosts that call the functions of a store themselves.
 *
 * The `id` is that of a notification: the id of a row, of at most 100 characters, and of a client.
 */
const LONGEST: Readonly<Record<string, number>> = {
  key: 255,
  type: 100,
  scheme: 255,
  subjectId: 255,
  sessionId: 255,
  clientId: 255,
  displayName: 500,
  displayNameFolded: 500,
  issuer: 500,
  ipAddress: 255,
  userAgent: 16_000,
  description: 16_000,
  logoutUri: 8_192,
  id: 400,
};

/** The maximum length of a member, in characters. */
export function maxCharacters(member: string): number {
  return LONGEST[member] ?? Number.POSITIVE_INFINITY;
}

/** The length of a string that is too long for a member, in characters; 0 if it isn't. */
export function tooManyCharacters(member: string, value: string): number {
  const most = maxCharacters(member);
  // A string never has more characters than code units.
  const length = value.length > most ? Array.from(value).length : 0;
  return length > most ? length : 0;
}
