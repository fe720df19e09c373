/**
 * A reporter for Node's test runner: how many tests passed, and which were skipped and why, as JSON. `cargo xtask test` reads it.
 */
export default async function* summarize(events) {
  const summary = { passed: 0, skipped: [] };
  for await (const { type, data } of events) {
    if (type !== "test:pass" || data.details?.type === "suite") continue;
    if (data.skip === undefined) summary.passed += 1;
    else summary.skipped.push(data.skip === true ? data.name : `${data.name}: ${data.skip}`);
  }
  yield JSON.stringify(summary);
}
