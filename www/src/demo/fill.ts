/**
 * Fills the stores of the demo.
 *
 * @module
 */

import { type MemoryStores, memoryStores } from "rollcall/memory";
import { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";
import { madeUpGrants } from "./made-up-grants";
import { madeUpNotifications } from "./made-up-notifications";
import { madeUpSessions } from "./made-up-sessions";
import { inSlices } from "./turn";

/** Makes stores with `count` made-up sessions. The page stays responsive. */
export async function filledStores(count: number, now: number): Promise<MemoryStores> {
  const stores = memoryStores({
    version: 1,
    sessions: { next: 0, rows: [] },
    grants: { next: 0, rows: [] },
    outbox: madeUpNotifications(now),
  });
  const random = new SeededRandom(count);
  await inSlices(madeUpSessions(count, now), async (session) => {
    await stores.sessions.create(session);
    for (const grant of madeUpGrants(session, random)) await stores.grants.store(grant);
  });
  return stores;
}
