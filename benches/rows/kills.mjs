// @ts-check
/**
 * Processes that are killed at random steps of a removal, of an expiry pass and of a delivery pass,
 * and others that do the work again and may be killed too: no session, token or notification is
 * left, and every client is told, or this row fails. The test of the same
 * (`tests/kills/kills.test.mjs`) kills at each step in turn.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

/** How many sessions at full scale there are for each kill. */
const SESSIONS_A_KILL = 400;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  // By a name that the compiler does not follow: the tests are not written for it.
  const random = new URL("../../tests/kills/random.mjs", import.meta.url).href;
  const { killAtRandom } = await import(random);
  /**
   * @type {{ engine: string, operation: string, kills: number, tokens: number, repeated: number
   * }[]}
   */
  const counts = await killAtRandom(total / SESSIONS_A_KILL);
  return counts.flatMap(({ engine, operation, kills, tokens, repeated }) => {
    const what = `processes killed at random steps of ${operation}, ${engine}`;
    return [
      { what: `${what}: with nothing lost`, amount: kills, unit: "kills" },
      { what: `${what}: logout tokens that were due`, amount: tokens, unit: "tokens" },
      {
        what: `${what}: sent again, for the kill was in the delivery`,
        amount: repeated,
        unit: "tokens",
      },
    ];
  });
}
