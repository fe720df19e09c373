/**
 * Time ranges that administrators often need.
 *
 * @module
 */

import { sessions as texts } from "../../texts";
import type { FieldName } from "./filter-fields";

/** Bounds as values of parameters. */
export interface Bounds {
  after?: string;
  before?: string;
}

export interface Preset {
  label: string;
  /** The bounds at `now` (epoch milliseconds). */
  bounds(now: number): Bounds;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** To the minute, so that the chip is short. */
function instant(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / MINUTE) * MINUTE).toISOString();
}

function since(label: string, distance: number): Preset {
  return { label, bounds: (now) => ({ after: instant(now - distance) }) };
}

function inactive(label: string, distance: number): Preset {
  return { label, bounds: (now) => ({ before: instant(now - distance) }) };
}

function within(label: string, distance: number): Preset {
  return {
    label,
    bounds: (now) => ({ after: instant(now), before: instant(now + distance + MINUTE) }),
  };
}

const { presets } = texts;
const RECENT = [
  since(presets.hour, HOUR),
  since(presets.day, DAY),
  since(presets.week, 7 * DAY),
] as const;

/** The presets of a field. */
export function presetsOf(name: FieldName): readonly Preset[] {
  switch (name) {
    case "created":
      return RECENT;
    case "renewed":
      return [
        ...RECENT,
        inactive(presets.inactiveMonth, 30 * DAY),
        inactive(presets.inactiveQuarter, 90 * DAY),
      ];
    case "expires":
      return [within(presets.expiringHour, HOUR), within(presets.expiringDay, DAY)];
    default:
      return [];
  }
}
