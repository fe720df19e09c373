/**
 * The list of sessions that an address means: its query, its filter, and the address of a filter.
 * Invalid values are left out and reported.
 *
 * @module
 */

import type { PurgeBody, SessionQuery } from "../../api/types";
import { exactTime, relativeTime } from "../../format";
import { hashOf } from "../../state/address.svelte";
import { sessions as texts } from "../../texts";
import { corrected, ORDERS, oneOf, STATES } from "./checked-parameters";
import { FIELDS, type Field, PARAMETERS } from "./filter-fields";
import { instantOf } from "./instant";
import { distanceOf } from "./relative-bound";

/** The list that an address names. */
export interface ParsedQuery {
  /** Without `countRequested` if the address has no `size`. */
  query: SessionQuery;
  /** A sentence for each value that was left out. */
  corrections: string[];
  /** The parameters without those values. */
  parameters: URLSearchParams;
}

/** The parameters of a list that aren't filters. */
const PAGING = ["order", "size", "at", "prior", "now"];

/** Reads the query of an address at `now`, which only matters to bounds such as `-30d`. */
export function parseSessionQuery(params: URLSearchParams, now = Date.now()): ParsedQuery {
  const { parameters, corrections } = corrected(params, now);
  const search = parameters.get("search");
  const order = oneOf(ORDERS, parameters.get("order"));
  const size = parameters.get("size");
  const resultsToken = parameters.get("at");
  const query: SessionQuery = {
    ...membersOf(parameters, Number(parameters.get("now") ?? now)),
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
  const { parameters } = corrected(params, Date.now());
  for (const name of PAGING) parameters.delete(name);
  return parameters;
}

/**
 * The same filters with fixed times. An end must not reach more sessions than the list that it
 * was started from.
 */
export function fixedFilters(params: URLSearchParams, now = Date.now()): URLSearchParams {
  const parameters = filterParameters(params);
  for (const [name, value] of [...parameters]) {
    const distance = PARAMETERS.get(name)?.field.kind === "time" ? distanceOf(value) : undefined;
    if (distance !== undefined) parameters.set(name, new Date(now + distance).toISOString());
  }
  return parameters;
}

/** Whether a filter moves with the clock. */
export function isMoving(params: URLSearchParams): boolean {
  return String(fixedFilters(params)) !== String(filterParameters(params));
}

/** The filter of an address, for a purge. */
export function filterOf(params: URLSearchParams): PurgeBody["filter"] {
  const parameters = filterParameters(params);
  const { state, ...members } = membersOf(parameters, Date.now());
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
  if (field.kind === "time") {
    const distance = distanceOf(value);
    if (distance !== undefined) return relativeTime(distance, 0);
    return exactTime(Date.parse(value), isUtc).replace(/:00$/, "");
  }
  return field.kind === "state" ? texts.states[oneOf(STATES, value) ?? "any"] : value;
}

/** The members of the filter, without the search. */
function membersOf(parameters: URLSearchParams, now: number) {
  const state = oneOf(STATES, parameters.get("state"));
  const created = rangeOf("created", parameters, now);
  const renewed = rangeOf("renewed", parameters, now);
  const expires = rangeOf("expires", parameters, now);
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

function rangeOf(name: string, parameters: URLSearchParams, now: number) {
  const [after, before] = ["after", "before"].map((form) => {
    const instant = instantOf(parameters.get(`${name}.${form}`) ?? "", now);
    return instant === undefined ? undefined : new Date(instant).toISOString();
  });
  if (after === undefined && before === undefined) return undefined;
  return { ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
}
