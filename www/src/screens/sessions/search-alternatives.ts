/**
 * Other lists for a search that found nothing.
 *
 * @module
 */

import { sessions as texts } from "../../texts";
import {
  type FieldName,
  type Form,
  fieldOf,
  isSupported,
  type SupportedFilters,
} from "./filter-fields";

export interface Alternative {
  text: string;
  /** The parameters that change. */
  changes: Record<string, string | undefined>;
}

/** The maximum length of ids and addresses, in characters. */
const MOST = 255;
const ADDRESS = /^[\da-f]*[.:][\da-f.:]*$/i;
const FILTERS: readonly [FieldName, Form][] = [
  ["subjectId", "startsWith"],
  ["sessionId", "startsWith"],
  ["clientId", "equals"],
];

/** The likely ones come first. */
export function alternatives(search: string, filters: SupportedFilters): Alternative[] {
  const found: Alternative[] = [];
  const words = search.trim().split(/\s+/);
  if (words.length === 2) {
    const swapped = words.toReversed().join(" ");
    found.push({ text: texts.searchInstead(swapped), changes: { search: swapped } });
  }
  const isId = words.length === 1 && [...search].length <= MOST;
  const isAddress = isId && ADDRESS.test(search);
  const others = isAddress ? [["ipAddress", "equals"] as const, ...FILTERS] : FILTERS;
  for (const [name, form] of isId ? others : []) {
    const field = fieldOf(name);
    const parameter = field.forms.find((known) => known.form === form)?.parameter;
    if (parameter === undefined || !isSupported(field, form, filters)) continue;
    const text = texts.filterInstead(texts.fields[name], form, search);
    found.push({ text, changes: { search: undefined, [parameter]: search } });
  }
  return found;
}
