/**
 * The columns of the table of sessions.
 *
 * @module
 */

import type { Session } from "../../api/types";
import { sessions as texts } from "../../texts";

/** A column that can be hidden. The user, the selection and the actions are always there. */
export interface Column {
  /** The name in `preferences.columns`. */
  id: string;
  label: string;
  /** In rem. */
  width: number;
}

const ATTRIBUTE = "attributes.";
const ATTRIBUTE_WIDTH = 8;

const FIXED: readonly Column[] = [
  { id: "sessionId", label: texts.fields.sessionId, width: 7.75 },
  { id: "clients", label: texts.columns.clients, width: 10.5 },
  { id: "created", label: texts.fields.created, width: 6.75 },
  { id: "renewed", label: texts.fields.renewed, width: 7 },
  { id: "expires", label: texts.fields.expires, width: 7 },
  { id: "ipAddress", label: texts.fields.ipAddress, width: 9.25 },
  { id: "device", label: texts.columns.device, width: 13.25 },
  { id: "issuer", label: texts.fields.issuer, width: 13 },
];

/** Shown by default. If space is short, the last ones are hidden first. */
const DEFAULT_ORDER = [
  "renewed",
  "clients",
  "created",
  "expires",
  "device",
  "ipAddress",
  "sessionId",
];

/** The widths of the columns that are always there, in rem. */
export const SELECT_WIDTH = 2.25;
export const USER_WIDTH = 17;
export const ACTIONS_WIDTH = 6.25;

/** The name of the attribute that a column shows. */
export function attributeOf(id: string): string | undefined {
  return id.startsWith(ATTRIBUTE) ? id.slice(ATTRIBUTE.length) : undefined;
}

function attributeColumn(name: string): Column {
  return { id: `${ATTRIBUTE}${name}`, label: name, width: ATTRIBUTE_WIDTH };
}

/** The names of the attributes that these sessions have. */
export function attributeNames(sessions: readonly Session[]): string[] {
  const names = new Set<string>();
  for (const { attributes = {} } of sessions) {
    for (const name of Object.keys(attributes)) names.add(name);
  }
  return [...names].sort();
}

/** All columns, including attributes that were seen or chosen earlier. */
export function allColumns(
  attributes: readonly string[],
  chosen: readonly string[] | undefined,
): Column[] {
  const names = new Set(attributes);
  for (const id of chosen ?? []) {
    const name = attributeOf(id);
    if (name !== undefined) names.add(name);
  }
  return [...FIXED, ...[...names].map(attributeColumn)];
}

/** The columns to show in `width` rem. If the user chose columns, those are all shown. */
export function shownColumns(
  all: readonly Column[],
  chosen: readonly string[] | undefined,
  width: number,
): Column[] {
  if (chosen !== undefined) return all.filter(({ id }) => chosen.includes(id));
  let room = width - SELECT_WIDTH - USER_WIDTH - ACTIONS_WIDTH;
  const fitting = new Set<string>();
  const attributes = all.filter(({ id }) => attributeOf(id) !== undefined);
  for (const id of [...DEFAULT_ORDER, ...attributes.map((column) => column.id)]) {
    const column = all.find((candidate) => candidate.id === id);
    if (column === undefined || column.width > room) break;
    room -= column.width;
    fitting.add(id);
  }
  return all.filter(({ id }) => fitting.has(id));
}

/** The second line of a phone. `created` comes first, because the list is sorted by it. */
const PHONE = ["created", "renewed", "device"];

/** The columns of a phone. */
export function phoneColumns(all: readonly Column[]): Column[] {
  return all.filter(({ id }) => PHONE.includes(id));
}
