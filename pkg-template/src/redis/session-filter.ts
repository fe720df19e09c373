/**
 * Translates a filter to indexes.
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import { bare } from "../plain-object.js";
import { expiryRange, hasExpiryRange } from "../stores/expiry.js";
import type { StoreFilter, StoreFilterName, StoreText, StoreTimeRange } from "../types.js";
import { listArgument } from "./arguments.js";
import { spanArguments, spanOf } from "./position.js";

/** The filters that the indexes support. */
export const SERVED_FILTERS: readonly StoreFilterName[] = [
  "subjectId",
  "sessionId",
  "displayName",
  "clientId",
  "issuer",
  "issuers",
  "ipAddress",
  "created",
  "expires",
  "state",
];

/** The sessions that a filter matches. */
export interface Conditions {
  created: StoreTimeRange;
  expires: StoreTimeRange;
  /** How to treat a session that never expires; `any` if the filter has no range of expiry. */
  absence: "any" | "taken" | "refused";
  /** The indexes that must contain a session, by the ends of their names. */
  indexes: string[];
  /** The issuers that match; any issuer if the list is empty. */
  issuers: string[];
}

/** @throws {RollcallError} `unsupported_filter` if no index supports it. */
export function conditionsOf(filter: StoreFilter): Conditions {
  const {
    created = bare({}),
    expires: _,
    activeAt,
    expiredAt: __,
    issuers = [],
    ...others
  } = filter;
  const indexes: string[] = [];
  for (const [name, wanted] of Object.entries(others)) {
    if (wanted !== undefined) {
      indexes.push(indexOf(name, wanted));
    }
  }
  return {
    created,
    expires: expiryRange(filter),
    absence: hasExpiryRange(filter) ? "refused" : activeAt !== undefined ? "taken" : "any",
    indexes,
    issuers,
  };
}

/** Conditions as script arguments. */
export function conditionArguments({
  created,
  expires,
  absence,
  indexes,
  issuers,
}: Conditions): string[] {
  return [
    ...rangeArguments(created),
    ...rangeArguments(expires),
    absence,
    ...listArgument(indexes),
    ...listArgument(issuers),
  ];
}

function rangeArguments(range: StoreTimeRange): string[] {
  return [...spanArguments(spanOf(range)), `${range.after ?? ""}`, `${range.before ?? ""}`];
}

/** The index of the sessions with this value. */
function indexOf(name: string, wanted: string | StoreText | object): string {
  switch (name) {
    case "clientId":
    case "issuer":
    case "ipAddress":
      return `${name}:${wanted}`;
    case "subjectId":
    case "sessionId":
    case "displayName":
      if (typeof wanted === "object" && "equals" in wanted) {
        return `${name === "displayName" ? "displayNameFolded" : name}:${wanted.equals}`;
      }
      throw unsupported(`${name}.${Object.keys(wanted)[0]}`);
    default:
      throw unsupported(name);
  }
}

function unsupported(name: string): RollcallError {
  return new RollcallError(
    "unsupported_filter",
    `the Redis store doesn't support the filter \`${name}\`: leave it out`,
  );
}
