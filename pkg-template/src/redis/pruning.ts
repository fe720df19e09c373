/**
 * Removes entries that are no longer needed, in batches.
 *
 * @module
 */

import type { Partitions } from "./partitions.js";
import type { Script } from "./script.js";

/** How many entries one script prunes, so that it blocks the server for a few milliseconds only. */
const PER_SCRIPT = 500;

/**
 * Runs a script in all partitions until it has pruned up to `limit` entries in total.
 *
 * @param script gets a limit and the arguments. It returns how many entries it pruned, and how many
 * it found: fewer than the limit if there are no more
 */
export async function pruneAll(
  partitions: Partitions,
  script: Script,
  args: readonly string[],
  limit: number,
): Promise<number> {
  let left = limit;
  let open = partitions.all;
  while (left > 0 && open.length > 0) {
    const share = Math.min(PER_SCRIPT, Math.max(1, Math.floor(left / open.length)));
    const asked = open.slice(0, Math.floor(left / share));
    const replies = await Promise.all(
      asked.map((partition) => partitions.run(partition, script, [`${share}`, ...args])),
    );
    const done = new Set<number>();
    replies.forEach(([pruned, found], index) => {
      left -= Number(pruned);
      const partition = asked[index];
      if (partition !== undefined && Number(found) < share) done.add(partition);
    });
    open = open.filter((partition) => !done.has(partition));
  }
  return limit - left;
}
