/**
 * The size of campaigns: tests that repeat the same many times, such as races and kills. `cargo
 * xtask test` runs a part of each, with every kind of moment. `cargo xtask test --long` runs all of
 * them.
 *
 * @module
 */

const IS_LONG = process.env.ROLLCALL_LONG === "1";

/**
 * The part of the campaigns that an ordinary run takes: a natural number. Set `ROLLCALL_SEED` to
 * repeat the part of an earlier run, whose tests printed it.
 */
export const SEED = Number(process.env.ROLLCALL_SEED ?? Math.floor(Math.random() * 1_000));

/** The number of rounds of a race. */
export const ROUNDS = IS_LONG ? 1_000 : 50;

/** The number of mutated requests that the admin API gets on each host. */
export const MUTATED_REQUESTS = IS_LONG ? 10_000 : 1_500;

/** The number of sessions that a purge ends while its server is killed. */
export const PURGED_SESSIONS = IS_LONG ? 100_000 : 3_000;

/** The number of random cases for each property of the kit; in an ordinary run, its default. */
export const RANDOM_CASES = IS_LONG ? 500 : undefined;

/**
 * The items to try. An ordinary run takes every `every`-th item of each kind, and at least one. The
 * seed decides the first one.
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
