// Faults in conditions, row ids and the port that ends sessions as a set.
import { ADMISSIONS } from "./ending-faults/admissions.mjs";
import { CONDITIONS, ROWS } from "./ending-faults/conditions.mjs";
import { GRANTS } from "./ending-faults/grants.mjs";
import { NOTICES } from "./ending-faults/notices.mjs";
import { PICKS } from "./ending-faults/picks.mjs";
import { RACES } from "./ending-faults/races.mjs";

/** The faults, each with the case that must find it. */
export const ENDING_FAULTS = [
  ...CONDITIONS,
  ...ROWS,
  ...PICKS,
  ...NOTICES,
  ...GRANTS,
  ...ADMISSIONS,
  ...RACES,
];
