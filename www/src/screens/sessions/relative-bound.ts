/**
 * Bounds of a range of times that move with the clock, such as `-30d` (30 days ago), `now` and
 * `24h` (in 24 hours). A link with one always means the same distance.
 *
 * @module
 */

const LENGTHS = { min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof LENGTHS;

const RELATIVE = /^(-?)(\d{1,5})(min|h|d)$/;
const NOW = "now";

/** The distance from now in milliseconds; `undefined` if the value isn't relative. */
export function distanceOf(value: string): number | undefined {
  if (value === NOW) return 0;
  const [, sign, amount, unit] = RELATIVE.exec(value) ?? [];
  const length = Object.entries(LENGTHS).find(([name]) => name === unit)?.[1];
  if (length === undefined) return undefined;
  return Number(amount) * length * (sign === "-" ? -1 : 1);
}

/** The value of a distance, such as `-30d`. */
export function relativeBound(amount: number, unit: Unit): string {
  return amount === 0 ? NOW : `${amount}${unit}`;
}
