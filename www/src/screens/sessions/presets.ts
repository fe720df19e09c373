/**
 * Time ranges that administrators often need. They move with the clock.
 *
 * @module
 */

import { sessions as texts } from "../../texts";
import type { FieldName } from "./filter-fields";
import { relativeBound } from "./relative-bound";

/** Bounds as values of parameters. */
export interface Bounds {
  after?: string;
  before?: string;
}

export interface Preset {
  label: string;
  bounds: Bounds;
}

function since(label: string, after: string): Preset {
  return { label, bounds: { after } };
}

function inactive(label: string, before: string): Preset {
  return { label, bounds: { before } };
}

function within(label: string, before: string): Preset {
  return { label, bounds: { after: relativeBound(0, "h"), before } };
}

const { presets } = texts;
const RECENT = [
  since(presets.hour, relativeBound(-1, "h")),
  since(presets.day, relativeBound(-24, "h")),
  since(presets.week, relativeBound(-7, "d")),
] as const;

/** The presets of a field. */
export function presetsOf(name: FieldName): readonly Preset[] {
  switch (name) {
    case "created":
      return RECENT;
    case "renewed":
      return [
        ...RECENT,
        inactive(presets.inactiveMonth, relativeBound(-30, "d")),
        inactive(presets.inactiveQuarter, relativeBound(-90, "d")),
      ];
    case "expires":
      return [
        within(presets.expiringHour, relativeBound(1, "h")),
        within(presets.expiringDay, relativeBound(24, "h")),
      ];
    default:
      return [];
  }
}
