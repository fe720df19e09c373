// Thousands of kills at random steps, for the benchmarks.
import { startCampaign } from "./campaign.mjs";
import { ENGINE_NAMES } from "./databases.mjs";
import { OPERATIONS } from "./scenarios.mjs";
import { Tally } from "./tally.mjs";

/** Kills at least this often, in every operation on every engine, and returns the counts. */
export async function killAtRandom(count) {
  const operations = Object.entries(OPERATIONS);
  const share = count / ENGINE_NAMES.length / operations.length;
  const counts = [];
  for (const engine of ENGINE_NAMES) {
    const campaign = await startCampaign(engine);
    for (const [operation, scenarios] of operations) {
      const tally = new Tally();
      for (const scenario of scenarios)
        await campaign.killAtRandom(scenario, Math.ceil(share / scenarios.length), tally);
      const { kills, tokens, repeated } = tally;
      console.error(`${operation} on ${engine}: ${kills} kills\n${tally.table().join("\n")}`);
      counts.push({ engine, operation, kills, tokens, repeated });
    }
    await campaign.close();
  }
  return counts;
}
