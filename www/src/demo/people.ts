/**
 * The people of the demo.
 *
 * @module
 */

import { foldText } from "rollcall";
import { NAMES } from "../../../examples/identity-provider/made-up/people.mjs";
import type { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";

export interface Person {
  subjectId: string;
  displayName: string;
  displayNameFolded: string;
}

/** The administrator who looks at the sessions. */
export const ADMINISTRATOR = person(0, "Avery Admin");
/** Someone with sessions on four devices. */
export const BOB = person(1, "Bob Baker");

/** People with a similar name, so that a search has something to tell apart. */
export const OTHER_BOBS = ["Bob Okafor", "Bob Lindqvist", "Bob Baumann", "Bobbi Baker"].map(
  (displayName, index) => person(2 + index, displayName),
);

const FIRST_OTHER = 2 + OTHER_BOBS.length;

/** Makes up the next person. Each `index` has a subject id of its own. */
export function madeUpPerson(index: number, random: SeededRandom): Person {
  const { given, family, isFamilyFirst = false, separator = " " } = random.oneOf(NAMES);
  const parts = [random.oneOf(given), random.oneOf(family)];
  return person(FIRST_OTHER + index, (isFamilyFirst ? parts.reverse() : parts).join(separator));
}

function person(index: number, displayName: string): Person {
  // An odd factor gives each of 2^23 numbers another one.
  const number = 10_000_000 + (Math.imul(index + 1, 5_368_709) & 0x7fffff);
  return {
    subjectId: String(number),
    displayName,
    displayNameFolded: foldText(displayName),
  };
}
