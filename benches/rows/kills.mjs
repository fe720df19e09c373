// @ts-check
/**
 * Kills processes at random steps of a removal, an expiry pass and a delivery pass. Other processes
 * repeat the work and can be killed too. The row fails if a session, token or notification remains,
 * or if a client isn't notified. `tests/kills/kills.test.mjs` tests the same with a kill at each
 * step.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

/** The number of sessions for each kill, at full scale. */
const SESSIONS_A_KILL = 400;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  // A computed path keeps the compiler from checking the test, which isn't typed.
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
        what: `${what}: sent again, because the kill interrupted the delivery`,
        amount: repeated,
        unit: "tokens",
      },
    ];
  });
}
