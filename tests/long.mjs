/**
 * How far campaigns go: tests that do the same many times, such as races and kills. `cargo xtask
 * test` runs a part of each, with every kind of moment in it. `cargo xtask test --long` completes
 * them.
 *
 * @module
 */

const IS_LONG = process.env.ROLLCALL_LONG === "1";

/**
 * Which part of the campaigns an ordinary run takes: a natural number. `ROLLCALL_SEED` takes the
 * part of an earlier run again, whose tests printed it.
 */
export const SEED = Number(process.env.ROLLCALL_SEED ?? Math.floor(Math.random() * 1_000));

/** How many rounds a race has. */
export const ROUNDS = IS_LONG ? 1_000 : 50;

/** How many mutated requests the admin API gets on each host. */
export const MUTATED_REQUESTS = IS_LONG ? 10_000 : 1_500;

/** How many sessions a purge ends whose server is killed. */
export const PURGED_SESSIONS = IS_LONG ? 100_000 : 3_000;

/** How many random cases there are of each property of the kit; in an ordinary run, its default. */
export const RANDOM_CASES = IS_LONG ? 500 : undefined;

/**
 * The items to try. An ordinary run takes every `every`-th item of each kind, and at least one. The
 * seed decides where it begins.
 *
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => string} kindOf
 * @param {number} every
 */
export function partOf(items, kindOf, every) {
  if (IS_LONG) return items;
  const counts = countBy(items, kindOf);
  const seen = new Map();
  return items.filter((item) => {
    const kind = kindOf(item);
    const index = seen.get(kind) ?? 0;
    seen.set(kind, index + 1);
    const step = Math.min(every, counts.get(kind));
    return index % step === SEED % step;
  });
}

function countBy(items, kindOf) {
  const counts = new Map();
  for (const item of items) counts.set(kindOf(item), (counts.get(kindOf(item)) ?? 0) + 1);
  return counts;
}
