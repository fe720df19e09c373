/**
 * A checked change of a session.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import type { StoredSessionChange } from "../types.js";
import { MemberReader } from "./member-reader.js";
import { checkedKey } from "./session-key.js";

type Name = keyof StoredSessionChange;

/** The members that a change sets, and those that it clears with `null`. */
export type CheckedChange = readonly (readonly [
  name: Name,
  value: string | number | Record<string, string> | null,
])[];

/** By member: its type, and whether it can be cleared. */
const CHANGEABLE: {
  readonly [Member in Name]-?: {
    kind: "stored" | "string" | "time" | "strings";
    isOptional: boolean;
  };
} = {
  key: { kind: "string", isOptional: false },
  scheme: { kind: "stored", isOptional: false },
  subjectId: { kind: "stored", isOptional: false },
  sessionId: { kind: "stored", isOptional: false },
  displayName: { kind: "stored", isOptional: true },
  displayNameFolded: { kind: "stored", isOptional: true },
  issuer: { kind: "stored", isOptional: true },
  renewed: { kind: "time", isOptional: false },
  expires: { kind: "time", isOptional: true },
  ipAddress: { kind: "stored", isOptional: true },
  userAgent: { kind: "stored", isOptional: true },
  attributes: { kind: "strings", isOptional: true },
  ticket: { kind: "string", isOptional: true },
};

/**
 * @throws {RollcallError} `invalid_argument` for a member that can't be changed, can't be cleared
 * or is of the wrong type.
 */
export function checkedChange(change: unknown): CheckedChange {
  const members = new MemberReader(change, "the change");
  return members.names.map((name) => {
    const isCleared = members.raw(name) === null;
    if (!isChangeable(name) || (isCleared && !CHANGEABLE[name].isOptional)) {
      throw invalidArgument(
        `\`${name}\` can't be ${isCleared ? "cleared" : "changed"}: leave it out`,
      );
    }
    const value = members.optional(name, CHANGEABLE[name].kind) ?? null;
    return [name, name === "key" ? checkedKey(value, "the change: `key`") : value];
  });
}

function isChangeable(name: string): name is Name {
  return Object.hasOwn(CHANGEABLE, name);
}
