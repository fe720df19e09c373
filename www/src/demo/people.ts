/**
 * The people of the demo.
 *
 * @module
 */

import { foldText } from "rollcall";
import { NAMES } from "../../../examples/identity-provider/made-up/people.mjs";
import { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";

export interface Person {
  subjectId: string;
  displayName: string;
}

/** The administrator who uses the demo. */
export const ADMINISTRATOR: Person = { subjectId: "avery", displayName: "Avery Admin" };

/** Has four sessions. */
export const BOB: Person = { subjectId: "bob", displayName: "Bob Baker" };

/** People with similar names, so that a search for Bob needs a second look. */
export const OTHER_BOBS: readonly Person[] = [
  { subjectId: "bob.okafor", displayName: "Bob Okafor" },
  { subjectId: "bob.lindqvist", displayName: "Bob Lindqvist" },
  { subjectId: "bbaumann", displayName: "Bob Baumann" },
  { subjectId: "bobbi", displayName: "Bobbi Baker-Hughes" },
];

/** Makes up a person. Subject ids are distinct for each `index` up to 8,000,000. */
export function madeUpPerson(index: number): Person {
  const random = new SeededRandom(index);
  const { given, family, isFamilyFirst = false, separator = " " } = random.oneOf(NAMES);
  const parts = [random.oneOf(given), random.oneOf(family)];
  return {
    // An odd factor maps each number below 2^23 to another one.
    subjectId: String(10_000_000 + (Math.imul(index + 1, 5_368_709) & 0x7fffff)),
    displayName: (isFamilyFirst ? parts.reverse() : parts).join(separator),
  };
}

/** The members of a stored session that name its user. */
export function namesOf({ subjectId, displayName }: Person): Person & {
  displayNameFolded: string;
} {
  return { subjectId, displayName, displayNameFolded: foldText(displayName) };
}
