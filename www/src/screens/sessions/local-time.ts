/**
 * The values of `<input type="datetime-local">`, in the selected time zone.
 *
 * @module
 */

/** The value of a field for an instant, such as `2026-11-30T22:56`. */
export function fieldValue(iso: string, isUtc: boolean): string {
  const instant = new Date(iso);
  const offset = isUtc ? 0 : instant.getTimezoneOffset();
  const shown = new Date(instant.getTime() - offset * 60_000).toISOString();
  return shown.slice(0, shown.endsWith(":00.000Z") ? 16 : 19);
}

/** The instant of a field's value. */
export function fieldInstant(value: string, isUtc: boolean): string | undefined {
  if (value === "") return undefined;
  const instant = new Date(isUtc ? `${value}Z` : value);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
