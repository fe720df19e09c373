/**
 * The parameters of the list in an address, as far as the API supports them.
 *
 * @module
 */

import type { SessionQuery } from "../../api/types";
import { connection } from "../../state/connection.svelte";
import { sessions as texts } from "../../texts";
import { isSupported, PARAMETERS } from "./filter-fields";
import { type ParsedQuery, parseSessionQuery } from "./session-query";

/** The list of an address, without filters that the API lacks. */
export function supportedQuery(given: URLSearchParams, now = Date.now()): ParsedQuery {
  const parsed = parseSessionQuery(given, now);
  const { filters } = connection.me.capabilities;
  const missing = [...parsed.parameters.keys()].filter((name) => {
    if (name === "search") return filters !== "all" && !filters.includes("search");
    const known = PARAMETERS.get(name);
    return known !== undefined && !isSupported(known.field, known.form, filters);
  });
  if (missing.length === 0) return parsed;
  const { query, parameters } = parseSessionQuery(without(parsed.parameters, ...missing), now);
  const corrections = [...parsed.corrections, ...missing.map(texts.problems.unsupported)];
  return { query, parameters, corrections };
}

/** The query that an export repeats. */
export function exportQuery(parameters: URLSearchParams): SessionQuery {
  const { query } = parseSessionQuery(without(parameters, "at", "prior", "now", "size"));
  return { ...query, count: "none", countRequested: 1_000 };
}

/** A copy of the parameters without some of them. */
export function without(parameters: URLSearchParams, ...names: string[]): URLSearchParams {
  const rest = new URLSearchParams(parameters);
  for (const name of names) rest.delete(name);
  return rest;
}
