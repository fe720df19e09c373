/**
 * A reporter for Node's test runner. It prints the number of passed tests, and the skipped tests
 * and suites with the reasons, as JSON. `cargo xtask test` reads it.
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
