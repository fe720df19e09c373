/**
 * When the sessions of the demo began, were renewed and expire.
 *
 * @module
 */

import type { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The age of the oldest session, in days. */
const OLDEST = 30;

/** The relative number of sign-ins in each hour of the day. */
const SIGN_INS = [1, 1, 1, 1, 1, 2, 5, 11, 18, 20, 17, 14, 11, 14, 15, 13, 11, 9, 7, 6, 6, 5, 3, 2];
/** The hours, each as often as it has sign-ins. */
const HOURS = SIGN_INS.flatMap((count, hour) => Array<number>(count).fill(hour));

/** How many of 100 sign-ins that a weekday has also happen on a day of the weekend. */
const WEEKEND = 40;

/** How long a session lasts after its last renewal, each as often as it is used. */
const LIFETIMES = [8 * HOUR, 8 * HOUR, DAY, DAY, 14 * DAY, 14 * DAY, 14 * DAY, OLDEST * DAY];

type Times = { created: number; renewed: number; expires?: number };

/** A session that never expires was last used up to this many days ago. */
const LONGEST_UNUSED = 200;

/** 4 of 100 sessions have expired, 3 never expire: some of those haven't been used for months. */
export function madeUpTimes(random: SeededRandom, now: number): Times {
  const created = madeUpSignIn(random, now);
  const lifetime = random.oneOf(LIFETIMES);
  const share = random.fraction();
  if (share < 0.04) {
    const expires = now - Math.ceil(random.fraction() ** 2 * 2 * DAY);
    const renewed = expires - lifetime;
    return { created: Math.min(created, renewed), renewed, expires };
  }
  if (share >= 0.97) {
    const renewed = now - Math.floor(random.fraction() ** 2 * LONGEST_UNUSED * DAY);
    return {
      created: Math.min(created, renewed - Math.floor(lifetime * random.fraction())),
      renewed,
    };
  }
  // Squared, so that most sessions were renewed recently.
  const used = now - Math.floor(random.fraction() ** 2 * lifetime);
  const renewed = Math.max(created, used);
  return { created, renewed, expires: renewed + lifetime };
}

/** A sign-in in the last 30 days. Most are recent, in working hours and on weekdays. */
function madeUpSignIn(random: SeededRandom, now: number): number {
  for (;;) {
    const at = new Date(now - Math.floor(random.fraction() ** 1.6 * OLDEST * DAY));
    const isWeekend = at.getDay() % 6 === 0;
    if (isWeekend && random.between(1, 100) > WEEKEND) continue;
    at.setHours(random.oneOf(HOURS), random.between(0, 59), random.between(0, 59));
    if (at.getTime() <= now) return at.getTime();
  }
}
