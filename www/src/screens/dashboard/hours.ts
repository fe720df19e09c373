/**
 * The hours in which sessions were created, in the selected time zone.
 *
 * @module
 */

import type { Stats } from "../../api/types";
import { countText } from "../../format";
import { hashOf } from "../../state/address.svelte";
import { dashboard as texts } from "../../texts";

export type Hour = Stats["created"][number];

/** The periods that the dashboard offers, in hours. */
export const PERIODS = [24, 72, 168] as const;
export type Period = (typeof PERIODS)[number];
export const DEFAULT_PERIOD: Period = 24;

/** The period in the address, or `undefined` if it isn't one of {@link PERIODS}. */
export function periodOf(value: string | null): Period | undefined {
  if (value === null) return DEFAULT_PERIOD;
  return PERIODS.find((hours) => String(hours) === value);
}

type Part = "clock" | "day" | "weekday";

const PARTS: Record<Part, Intl.DateTimeFormatOptions> = {
  clock: { hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  weekday: { weekday: "short", day: "numeric", month: "short" },
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** The clock time or the day of an instant. */
export function timePart(instant: number, part: Part, isUtc: boolean): string {
  const key = `${part} ${isUtc}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      ...PARTS[part],
      timeZone: isUtc ? "UTC" : undefined,
    });
    formats.set(key, format);
  }
  return format.format(instant);
}

/** An hour, such as `14:00–15:00`. */
export function clockRange({ from, to }: Hour, isUtc: boolean): string {
  const at = (time: string) => timePart(Date.parse(time), "clock", isUtc);
  return `${at(from)}–${at(to)}`;
}

/** An hour with its day, such as `Mon, 30 Nov, 14:00–15:00`. */
export function hourText(hour: Hour, isUtc: boolean): string {
  return `${timePart(Date.parse(hour.from), "weekday", isUtc)}, ${clockRange(hour, isUtc)}`;
}

/** The list of the sessions that an hour counts. */
export function hourLink({ from, to }: Hour): string {
  return hashOf(["sessions"], { "created.after": from, "created.before": to });
}

/** The chart in words: the total, and the hour with the most sessions. */
export function summaryOf(hours: readonly Hour[], period: Period, isUtc: boolean): string {
  const count = hours.reduce((sum, hour) => sum + hour.count, 0);
  const total = { count, capped: hours.some(({ capped }) => capped) };
  const text = texts.hourSummary(countText(total), texts.periods[period]);
  if (count === 0) return text;
  const most = hours.reduce((best, hour) => (hour.count > best.count ? hour : best));
  return `${text} ${texts.busiest(countText(most), hourText(most, isUtc))}`;
}
