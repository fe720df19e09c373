/**
 * Numbers in sentences.
 *
 * @module
 */

const numberFormat = new Intl.NumberFormat("en");

/** A number with separators, such as `12,345`. */
export function wholeNumber(count: number): string {
  return numberFormat.format(count);
}

/** A count with its noun, such as `1 session` or `1,204 sessions`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${wholeNumber(count)} ${count === 1 ? one : many}`;
}

/** A duration in its largest unit, such as `12 s` or `3 min`. */
export function shortDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
