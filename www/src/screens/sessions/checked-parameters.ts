/**
 * The checks of the parameters in the address of a list. Invalid values are left out and reported.
 *
 * @module
 */

import { sessions as texts } from "../../texts";
import { type Field, type FieldName, type Form, PARAMETERS } from "./filter-fields";
import { instantOf } from "./instant";
import { distanceOf } from "./relative-bound";

/** The sizes of a page. */
export const PAGE_SIZES = [25, 50, 100, 250] as const;

export const STATES = ["active", "expired", "any"] as const;
export const ORDERS = ["newest", "oldest"] as const;

/** The one of the words that was given. */
export function oneOf<const Word extends string>(words: readonly Word[], given: string | null) {
  return words.find((word) => word === given);
}

/** The valid parameters, in the order of the address. */
export function corrected(
  params: URLSearchParams,
  now: number,
): {
  parameters: URLSearchParams;
  corrections: string[];
} {
  const parameters = new URLSearchParams();
  const corrections: string[] = [];
  for (const [name, given] of params) {
    // A blank string is no filter.
    if (given.trim() === "") continue;
    const { value, problem } = checked(name, given, parameters, now);
    if (problem !== undefined) corrections.push(problem);
    if (value !== undefined) parameters.append(name, value);
  }
  if (!parameters.has("at")) {
    parameters.delete("prior");
    parameters.delete("now");
  }
  return { parameters, corrections };
}

interface Checked {
  value?: string | undefined;
  problem?: string;
}

function checked(name: string, value: string, others: URLSearchParams, now: number): Checked {
  const { problems } = texts;
  if (others.has(name)) return { problem: problems.repeated(name) };
  const known = PARAMETERS.get(name);
  if (known === undefined) return checkedPaging(name, value);
  const { field, form } = known;
  switch (field.kind) {
    case "state":
      // Every state: the same as no filter.
      if (value === "any") return {};
      if (oneOf(STATES, value) !== undefined) return { value };
      return { problem: problems.value(name, value, STATES) };
    case "time": {
      const instant = instantOf(value, now);
      if (instant === undefined) return { problem: problems.time(name, value) };
      if (isEmptyRange(field, form, instant, others, now)) {
        return { problem: problems.range(field.name) };
      }
      return { value: distanceOf(value) === undefined ? new Date(instant).toISOString() : value };
    }
    case "text": {
      if (value.includes("\0")) return { problem: problems.unusable(name) };
      const most = mostCharacters(field.name);
      if ([...value].length > most) return { problem: problems.long(name, most) };
      const other = field.forms.find(({ parameter }) => others.has(parameter));
      if (other === undefined) return { value };
      return { problem: problems.forms(other.parameter, name) };
    }
  }
}

function isEmptyRange(
  field: Field,
  form: Form,
  instant: number,
  others: URLSearchParams,
  now: number,
): boolean {
  const other = others.get(`${field.name}.${form === "after" ? "before" : "after"}`);
  const bound = other === null ? undefined : instantOf(other, now);
  if (bound === undefined) return false;
  return form === "after" ? instant >= bound : bound >= instant;
}

/** The maximum length that the API accepts, in characters. */
function mostCharacters(name: FieldName | "search"): number {
  return name === "search" || name === "displayName" || name === "issuer" ? 500 : 255;
}

function checkedSearch(value: string): Checked {
  const { problems } = texts;
  if (value.includes("\0")) return { problem: problems.unusable("search") };
  const characters = [...value.trim()];
  const most = mostCharacters("search");
  if (characters.length <= most) return { value };
  const problem = problems.cut(characters.length, most);
  return { value: characters.slice(0, most).join("").trim(), problem };
}

function checkedPaging(name: string, value: string): Checked {
  const { problems } = texts;
  switch (name) {
    case "search":
      return checkedSearch(value);
    case "order":
      if (oneOf(ORDERS, value) !== undefined) return { value };
      return { problem: problems.value(name, value, ORDERS) };
    case "size":
      if (PAGE_SIZES.some((size) => String(size) === value)) return { value };
      return { problem: problems.value(name, value, PAGE_SIZES.map(String)) };
    case "at":
      return { value };
    case "now":
      if (/^\d{12,14}$/.test(value)) return { value };
      return { problem: problems.time(name, value) };
    case "prior":
      return value === "1" ? { value } : { problem: problems.value(name, value, ["1"]) };
    default:
      return { problem: problems.unknown(name) };
  }
}
