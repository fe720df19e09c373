/**
 * The filters of the list of sessions, with their names in addresses and in the API.
 *
 * @module
 */

import type { SessionQuery } from "../../api/types";

/** The name of a filter. A list has each filter at most once. */
export type FieldName =
  | "displayName"
  | "subjectId"
  | "sessionId"
  | "clientId"
  | "issuer"
  | "ipAddress"
  | "state"
  | "created"
  | "renewed"
  | "expires";

/** How the value of a parameter matches. */
export type Form = "equals" | "startsWith" | "contains" | "after" | "before";

export interface Field {
  name: FieldName;
  kind: "text" | "state" | "time";
  /** The forms and the parameter of each; the first one is the default. */
  forms: readonly { form: Form; parameter: string }[];
}

function field(name: FieldName, kind: Field["kind"], plain: Form, ...others: Form[]): Field {
  const suffixed = others.map((form) => ({ form, parameter: `${name}.${form}` }));
  return { name, kind, forms: [{ form: plain, parameter: name }, ...suffixed] };
}

function times(name: FieldName): Field {
  const forms = (["after", "before"] as const).map((form) => ({
    form,
    parameter: `${name}.${form}`,
  }));
  return { name, kind: "time", forms };
}

/** In the order of the menu. */
export const FIELDS: readonly Field[] = [
  field("displayName", "text", "contains", "startsWith", "equals"),
  field("subjectId", "text", "equals", "startsWith", "contains"),
  field("sessionId", "text", "equals", "startsWith", "contains"),
  field("clientId", "text", "equals"),
  field("issuer", "text", "equals"),
  field("ipAddress", "text", "equals"),
  field("state", "state", "equals"),
  times("created"),
  times("renewed"),
  times("expires"),
];

/** The field and the form of each parameter. */
export const PARAMETERS: ReadonlyMap<string, { field: Field; form: Form }> = new Map(
  FIELDS.flatMap((field) =>
    field.forms.map(({ form, parameter }) => [parameter, { field, form }] as const),
  ),
);

/** The field with this name. */
export function fieldOf(name: FieldName): Field {
  const found = FIELDS.find((field) => field.name === name);
  if (found === undefined) throw new Error(`there is no filter ${name}`);
  return found;
}

/** The filters that the API supports: `all`, or their names. */
export type SupportedFilters = "all" | readonly string[];

/** Whether the API supports the filter in this form. */
export function isSupported({ name, kind }: Field, form: Form, filters: SupportedFilters): boolean {
  if (filters === "all") return true;
  return filters.includes(kind !== "text" || form === "equals" ? name : `${name}.${form}`);
}

/** The forms that the API supports. A filter without any isn't offered. */
export function supportedForms(field: Field, filters: SupportedFilters): Field["forms"] {
  return field.forms.filter(({ form }) => isSupported(field, form, filters));
}

/** The members of a query that aren't filters. */
const NO_FILTERS = new Set([
  "order",
  "count",
  "countRequested",
  "resultsToken",
  "requestPriorResults",
]);

/** Whether a query has a filter. */
export function isFiltered(query: SessionQuery): boolean {
  return Object.keys(query).some((member) => !NO_FILTERS.has(member));
}
