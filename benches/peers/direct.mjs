// @ts-check
/**
 * The statements of Rollcall's pages, sent through `pg` without the store and the core.
 *
 * At the start they are recorded from the store. Exactly these statements are repeated.
 *
 * @module
 */

/** @import { Operations } from "./operations.mjs" */

import pg from "pg";
import { SessionManagement } from "../../pkg/entry/node.js";
import { openPostgres } from "../engines/postgres.mjs";
import { expect, POOLING } from "./operations.mjs";
import { pagesOf } from "./rollcall.mjs";
import { pageSubjects, turns } from "./sessions.mjs";

/** @typedef {{ text: string, values: unknown[] }} Statement */

/**
 * @param {string} url
 * @param {number} total
 * @returns {Promise<Operations>}
 */
export async function start(url, total) {
  /** @type {Statement[]} */
  let asked = [];
  const { stores, close } = openPostgres(url, {}, ({ query }) => {
    asked.push({ text: query.sql, values: [...query.parameters] });
  });
  const pages = pagesOf(new SessionManagement(stores));
  const recorded = async (/** @type {() => Promise<unknown>} */ call) => {
    asked = [];
    await call();
    expect(asked.length > 0, "the store sent no statement");
    return asked;
  };
  const firstPage = await recorded(pages["first page"]);
  const countedPage = await recorded(pages["counted page"]);
  const subjectPages = [];
  for (const subjectId of pageSubjects(total)) {
    subjectPages.push(await recorded(() => pages["page of a subject"](subjectId)));
  }
  await close();

  const pool = new pg.Pool({ connectionString: url, ...POOLING });
  const send = async (/** @type {Statement[]} */ statements) => {
    for (const { text, values } of statements) {
      const { rows } = await pool.query(text, values);
      expect(rows.length > 0, "no rows");
    }
  };
  const nextPage = turns(subjectPages);
  return {
    "first page": () => send(firstPage),
    "counted page": () => send(countedPage),
    "page of a subject": () => send(nextPage()),
  };
}
