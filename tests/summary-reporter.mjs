/**
 * A reporter for Node's test runner: how many tests passed, and which tests and suites were skipped
 * and why, as JSON. `cargo xtask test` reads it.
 */
export default async function* summarize(events) {
  const summary = { passed: 0, skipped: [] };
  for await (const { type, data } of events) {
    if (type !== "test:pass") continue;
    if (data.skip !== undefined)
      summary.skipped.push(
        typeof data.skip === "string" ? `${data.name}: ${data.skip}` : data.name,
      );
    else if (data.details?.type !== "suite") summary.passed += 1;
  }
  yield JSON.stringify(summary);
}
