// A process is killed at each step of a removal, of an expiry pass and of a delivery pass, and
// another one repeats the work. No session of the target remains, none of its tokens is valid, and
// every client is notified; only once, unless the kill was during the delivery.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { SEED } from "../long.mjs";
import { Unavailable } from "../servers/server.mjs";
import { startCampaign } from "./campaign.mjs";
import { ENGINE_NAMES } from "./databases.mjs";
import { OPERATIONS } from "./scenarios.mjs";

const FEWEST_KILLS = 200;
let kills = 0;

for (const engine of ENGINE_NAMES) {
  const campaign = await startCampaign(engine).catch((error) => {
    if (!(error instanceof Unavailable)) throw error;
    test(`kills on ${engine}`, { skip: error.message }, () => {});
  });
  if (campaign === undefined) continue;

  describe(`kills on ${engine}`, () => {
    after(() => campaign.close());
    for (const [operation, scenarios] of Object.entries(OPERATIONS)) {
      describe(operation, () => {
        for (const scenario of scenarios) {
          test(scenario.name, async (t) => {
            const tally = await campaign.killEverywhere(scenario);
            kills += tally.kills;
            t.diagnostic(
              `${tally.kills} kills on ${engine}, ${tally.repeated} of ${tally.tokens} tokens were repeated`,
            );
            for (const line of tally.table()) t.diagnostic(line);
          });
        }
      });
    }
  });
}

test(`at least ${FEWEST_KILLS} kills`, (t) => {
  t.diagnostic(`${kills} kills in all, seed ${SEED}`);
  assert.ok(kills >= FEWEST_KILLS, `only ${kills} kills`);
});
