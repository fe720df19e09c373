// @ts-check
/**
 * A page of one subject's sessions among many over the same among few: what must not depend on how many others there are.
 *
 * With the exact count, as a query has it by default. Each call asks for another subject: among many sessions there are so many of
 * them that their rows are never all at hand.
 *
 * @module
 */

/** @import { SessionStore } from "../../pkg/index.js" */
/** @import { Finding, Scale } from "../findings.mjs" */

import { SessionManagement } from "../../pkg/entry/node.js";
import { pairedRatio } from "../paired.mjs";
import { subjectsOf } from "../sessions.mjs";
import { filledMemory, filledSqlite } from "../stores.mjs";

const BUDGET = 1.5;
const PAGE_SIZE = 25;
/** Enough for a full page. */
const SUBJECT_SIZE = 50;
/** A prime: counting in its steps visits every subject, and from one to the next another size. */
const STRIDE = 7_919;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: many, fewSessions: few }) {
  const large = await filledSqlite(many);
  const small = await filledSqlite(few);
  const findings = [await compare("SQLite", large.stores.sessions, many, small.stores.sessions, few)];
  await large.close();
  await small.close();
  const [largeMemory, smallMemory] = [await filledMemory(many), await filledMemory(few)];
  return [...findings, await compare("memory", largeMemory.sessions, many, smallMemory.sessions, few)];
}

/**
 * @param {string} name
 * @param {SessionStore} large
 * @param {number} many
 * @param {SessionStore} small
 * @param {number} few
 * @returns {Promise<Finding>}
 */
async function compare(name, large, many, small, few) {
  const turns = subjectsInTurn(many, few);
  const inLarge = turns.map(({ ofMany }) => ofMany);
  const inSmall = turns.map(({ ofFew }) => ofFew);
  return {
    what: `page by subject, ${name}: among ${many.toLocaleString("en")} sessions, over ${few.toLocaleString("en")}`,
    ratio: await pairedRatio(asking(large, inLarge), asking(small, inSmall)),
    budget: BUDGET,
  };
}

/**
 * For each turn a subject of the large store, and one of the small store that has as many sessions.
 *
 * @param {number} many
 * @param {number} few
 */
function subjectsInTurn(many, few) {
  const large = subjectsOf(SUBJECT_SIZE, many);
  const small = subjectsOf(SUBJECT_SIZE, few);
  return large.map((_, turn) => {
    const { subjectId: ofMany, sessions } = large[(turn * STRIDE) % large.length] ?? large[0] ?? { subjectId: "", sessions: 0 };
    const alike = small.filter((subject) => subject.sessions === sessions);
    return { ofMany, ofFew: alike[turn % alike.length]?.subjectId ?? "" };
  });
}

/**
 * Asks for one subject after the other.
 *
 * @param {SessionStore} store
 * @param {string[]} subjects
 */
function asking(store, subjects) {
  const management = new SessionManagement({ sessions: store });
  let turn = 0;
  return async () => {
    const subjectId = subjects[turn % subjects.length] ?? "";
    turn += 1;
    const { results } = await management.querySessions({ subjectId });
    if (results.length !== PAGE_SIZE) throw new Error(`the page of \`${subjectId}\` has ${results.length} sessions`);
  };
}
