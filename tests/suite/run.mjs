/** The longest duration of a case. A case that never settles is reported like one that throws. */
const TIME_LIMIT = 30_000;

/**
 * Runs the cases one after the other.
 *
 * @param cases the result of `suite()`
 * @returns {Promise<{ passed: number, failures: { name: string, error: string }[] }>}
 */
export async function runCases(cases) {
  const result = { passed: 0, failures: [] };
  for (const { name, run } of cases) {
    try {
      await withinTimeLimit(run);
      result.passed += 1;
    } catch (error) {
      result.failures.push({ name, error: String(error?.stack ?? error) });
    }
  }
  return result;
}

async function withinTimeLimit(run) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not settled after ${TIME_LIMIT / 1000} s`)),
      TIME_LIMIT,
    );
  });
  try {
    await Promise.race([run(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
