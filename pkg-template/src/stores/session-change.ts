/**
 * What a change of a session may name.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import type { StoredSessionChange } from "../types.js";

type Name = keyof StoredSessionChange;

/** By member: whether it can be cleared. */
const CHANGEABLE: { readonly [Member in Name]-?: boolean } = {
  scheme: false,
  subjectId: false,
  sessionId: false,
  displayName: true,
  displayNameFolded: true,
  issuer: true,
  renewed: false,
  expires: true,
  ipAddress: true,
  userAgent: true,
  attributes: true,
  ticket: true,
};

/**
 * The members that a change sets, or clears with `null`.
 *
 * @throws {RollcallError} `invalid_argument` for a member that cannot be changed, or cannot be
 * cleared.
 */
export function checkedChange(
  change: StoredSessionChange,
): [Name, NonNullable<StoredSessionChange[Name]> | null][] {
  const changes: [Name, NonNullable<StoredSessionChange[Name]> | null][] = [];
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) {
      continue;
    }
    if (!isChangeable(name) || (value === null && !CHANGEABLE[name])) {
      throw invalidArgument(
        `\`${name}\` cannot be ${value === null ? "cleared" : "changed"}: leave it out`,
      );
    }
    changes.push([name, value]);
  }
  return changes;
}

function isChangeable(name: string): name is Name {
  return Object.hasOwn(CHANGEABLE, name);
}
