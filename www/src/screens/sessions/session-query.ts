/**
 * The list of sessions that an address means: its query, its filter, and the address of a filter.
 * Invalid values are left out and reported.
 *
 * @module
 */

import type { PurgeBody, SessionQuery } from "../../api/types";
import { exactTime } from "../../format";
import { hashOf } from "../../state/address.svelte";
import { sessions as texts } from "../../texts";
import { FIELDS, type Field, type Form, PARAMETERS } from "./filter-fields";
import { instantOf } from "./instant";

/** The sizes of a page. */
export const PAGE_SIZES = [25, 50, 100, 250] as const;

/** The list that an address names. */
export interface ParsedQuery {
  /** Without `countRequested` if the address has no `size`. */
  query: SessionQuery;
  /** A sentence for each value that was left out. */
  corrections: string[];
  /** The parameters without those values. */
  parameters: URLSearchParams;
}

const STATES = ["active", "expired", "any"] as const;
const ORDERS = ["newest", "oldest"] as const;
/** The parameters of a list that aren't filters. */
const PAGING = ["order", "size", "at", "prior"];

/** Reads the query of an address. */
export function parseSessionQuery(params: URLSearchParams): ParsedQuery {
  const { parameters, corrections } = corrected(params);
  const search = parameters.get("search");
  const order = oneOf(ORDERS, parameters.get("order"));
  const size = parameters.get("size");
  const resultsToken = parameters.get("at");
  const query: SessionQuery = {
    ...membersOf(parameters),
    ...(search !== null && { search }),
    ...(order !== undefined && { order }),
    ...(size !== null && { countRequested: Number(size) }),
    ...(resultsToken !== null && { resultsToken }),
    ...(parameters.has("prior") && { requestPriorResults: true }),
  };
  return { query, corrections, parameters };
}

/** The filters of an address, with its search, and nothing else. */
export function filterParameters(params: URLSearchParams): URLSearchParams {
  const { parameters } = corrected(params);
  for (const name of PAGING) parameters.delete(name);
  return parameters;
}

/** The filter of an address, for a purge. */
export function filterOf(params: URLSearchParams): PurgeBody["filter"] {
  const parameters = filterParameters(params);
  const { state, ...members } = membersOf(parameters);
  const search = parameters.get("search");
  return {
    ...members,
    ...(state !== undefined && state !== "any" && { state }),
    ...(search !== null && { search }),
  };
}

/** The filter of an address in words, such as `active sessions with client shop`. */
export function describeFilter(params: URLSearchParams, isUtc = false): string {
  const parameters = filterParameters(params);
  const search = parameters.get("search");
  const parts = search === null ? [] : [texts.describe.search(search)];
  for (const field of FIELDS) {
    if (field.kind !== "state") parts.push(...fieldPhrases(field, parameters, isUtc));
  }
  const state = oneOf(STATES, parameters.get("state")) ?? "any";
  return texts.describe.sessions(state, parts);
}

/** The address of the sessions that these filters match. */
export function sessionsHash(filters: Record<string, string>): string {
  return hashOf(["sessions"], filters);
}

/** The address where all sessions that these filters match are ended. */
export function purgeHash(filters: URLSearchParams): string {
  return hashOf(["purge"], filters);
}

/** The fields that an address filters by, in their order. */
export function fieldsIn(parameters: URLSearchParams): Field[] {
  return FIELDS.filter(({ forms }) => forms.some(({ parameter }) => parameters.has(parameter)));
}

/** The phrases of one field: one, or two for a range. */
function fieldPhrases(field: Field, parameters: URLSearchParams, isUtc: boolean): string[] {
  return field.forms.flatMap(({ form, parameter }) => {
    const value = parameters.get(parameter);
    if (value === null) return [];
    return [texts.describe.field(field.name, form, shownValue(field, value, isUtc))];
  });
}

/** The text of a chip, such as `Client: shop`. */
export function chipText(field: Field, parameters: URLSearchParams, isUtc: boolean): string {
  const parts = field.forms.flatMap(({ form, parameter }) => {
    const value = parameters.get(parameter);
    if (value === null) return [];
    return [texts.chipPart(form, shownValue(field, value, isUtc))];
  });
  return texts.chip(texts.fields[field.name], parts);
}

function shownValue(field: Field, value: string, isUtc: boolean): string {
  if (field.kind === "time") return exactTime(Date.parse(value), isUtc).replace(/:00$/, "");
  return field.kind === "state" ? texts.states[oneOf(STATES, value) ?? "any"] : value;
}

/** The members of the filter, without the search. */
function membersOf(parameters: URLSearchParams) {
  const state = oneOf(STATES, parameters.get("state"));
  const created = rangeOf("created", parameters);
  const renewed = rangeOf("renewed", parameters);
  const expires = rangeOf("expires", parameters);
  const subjectId = textOf("subjectId", parameters);
  const sessionId = textOf("sessionId", parameters);
  const displayName = textOf("displayName", parameters);
  const clientId = parameters.get("clientId");
  const issuer = parameters.get("issuer");
  const ipAddress = parameters.get("ipAddress");
  return {
    ...(displayName !== undefined && { displayName }),
    ...(subjectId !== undefined && { subjectId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(clientId !== null && { clientId }),
    ...(issuer !== null && { issuer }),
    ...(ipAddress !== null && { ipAddress }),
    ...(created !== undefined && { created }),
    ...(renewed !== undefined && { renewed }),
    ...(expires !== undefined && { expires }),
    ...(state !== undefined && { state }),
  };
}

function textOf(name: string, parameters: URLSearchParams) {
  const plain = parameters.get(name);
  if (plain !== null) return plain;
  const startsWith = parameters.get(`${name}.startsWith`);
  if (startsWith !== null) return { startsWith };
  const contains = parameters.get(`${name}.contains`);
  if (contains !== null) return { contains };
  const equals = parameters.get(`${name}.equals`);
  return equals === null ? undefined : { equals };
}

function rangeOf(name: string, parameters: URLSearchParams) {
  const after = parameters.get(`${name}.after`);
  const before = parameters.get(`${name}.before`);
  if (after === null && before === null) return undefined;
  return { ...(after !== null && { after }), ...(before !== null && { before }) };
}

function oneOf<const Word extends string>(words: readonly Word[], given: string | null) {
  return words.find((word) => word === given);
}

/** The valid parameters, in the order of the address. */
function corrected(params: URLSearchParams): {
  parameters: URLSearchParams;
  corrections: string[];
} {
  const parameters = new URLSearchParams();
  const corrections: string[] = [];
  for (const [name, given] of params) {
    // A blank string is no filter.
    if (given.trim() === "") continue;
    const { value, problem } = checked(name, given, parameters);
    if (problem !== undefined) corrections.push(problem);
    if (value !== undefined) parameters.append(name, value);
  }
  if (parameters.has("prior") && !parameters.has("at")) parameters.delete("prior");
  return { parameters, corrections };
}

interface Checked {
  value?: string | undefined;
  problem?: string;
}

function checked(name: string, value: string, others: URLSearchParams): Checked {
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
      const instant = instantOf(value);
      if (instant === undefined) return { problem: problems.time(name, value) };
      return checkedBound(field, form, instant, others);
    }
    case "text": {
      if (value.includes("\0")) return { problem: problems.unusable(name) };
      const other = field.forms.find(({ parameter }) => others.has(parameter));
      if (other === undefined) return { value };
      return { problem: problems.forms(other.parameter, name) };
    }
  }
}

function checkedBound(field: Field, form: Form, instant: number, others: URLSearchParams): Checked {
  const value = new Date(instant).toISOString();
  const other = others.get(`${field.name}.${form === "after" ? "before" : "after"}`);
  if (other === null) return { value };
  const bound = Date.parse(other);
  const isEmpty = form === "after" ? instant >= bound : bound >= instant;
  return isEmpty ? { problem: texts.problems.range(field.name) } : { value };
}

function checkedPaging(name: string, value: string): Checked {
  const { problems } = texts;
  switch (name) {
    case "search":
      return value.includes("\0") ? { problem: problems.unusable(name) } : { value };
    case "order":
      if (oneOf(ORDERS, value) !== undefined) return { value };
      return { problem: problems.value(name, value, ORDERS) };
    case "size":
      if (PAGE_SIZES.some((size) => String(size) === value)) return { value };
      return { problem: problems.value(name, value, PAGE_SIZES.map(String)) };
    case "at":
      return { value };
    case "prior":
      return value === "1" ? { value } : { problem: problems.value(name, value, ["1"]) };
    default:
      return { problem: problems.unknown(name) };
  }
}
