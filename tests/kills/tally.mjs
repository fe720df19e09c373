// Counts kills by step.

const MOMENTS = ["before", "during", "after"];

export class Tally {
  /** @type {Map<string, Record<string, number>>} */
  #steps = new Map();
  kills = 0;
  /** Logout tokens that were due, and those that were repeated. */
  tokens = 0;
  repeated = 0;

  add(
    /** @type {Awaited<ReturnType<typeof import("./experiment.mjs").carryOut>>} */ {
      kills,
      tokens,
      repeated,
    },
  ) {
    this.kills += kills.length;
    this.tokens += tokens;
    this.repeated += repeated;
    for (const { step, when } of kills) {
      const counts = this.#steps.get(step) ?? {};
      counts[when] = (counts[when] ?? 0) + 1;
      this.#steps.set(step, counts);
    }
  }

  /** The lines of a table. */
  table() {
    const rows = [...this.#steps].map(([step, counts]) => [
      step,
      ...MOMENTS.map((when) => `${counts[when] ?? ""}`),
    ]);
    const lines = [["killed", ...MOMENTS], ...rows];
    const width = Math.max(...lines.map(([step]) => step.length));
    return lines.map(([step, ...counts]) =>
      [step.padEnd(width), ...counts.map((count) => count.padStart(6))].join("  "),
    );
  }
}
