/**
 * The condition that a row must meet to be changed or removed.
 *
 * @module
 */

import { bare } from "../plain-object.js";
import type { SessionCondition } from "../types.js";
import { MemberReader } from "./member-reader.js";

/** By member: how it is read. */
const MEMBERS = {
  subjectId: (members, name) => members.string(name),
  sessionId: (members, name) => members.string(name),
  expires: (members, name) => (members.raw(name) === null ? null : members.time(name)),
  renewed: (members, name) => members.time(name),
  expiredAt: (members, name) => members.time(name),
} satisfies {
  [Name in keyof SessionCondition]-?: (members: MemberReader, name: string) => unknown;
};

/**
 * The condition with only its present members; an absent condition has none.
 *
 * @throws {RollcallError} `invalid_argument` for an unknown member or one of the wrong type.
 */
export function checkedCondition(condition: unknown): SessionCondition {
  if (condition == null) return bare({});
  const members = new MemberReader(condition, "the condition", Object.keys(MEMBERS));
  const found = Object.entries(MEMBERS)
    .filter(([name]) => members.raw(name) !== undefined)
    .map(([name, read]) => [name, read(members, name)]);
  return bare(Object.fromEntries(found));
}
