/**
 * Sessions as lines of CSV (RFC 4180) and of NDJSON.
 *
 * @module
 */

import type { Session } from "../../api/types";
import { attributeNames } from "./columns";

export type ExportFormat = "csv" | "ndjson";

/** Makes the parts of a file from pages of sessions. */
export interface Writer {
  type: string;
  part(sessions: readonly Session[], isFirst: boolean): string;
}

const MEMBERS = [
  "subjectId",
  "displayName",
  "sessionId",
  "issuer",
  "created",
  "renewed",
  "expires",
] as const;

/** The byte order mark makes Excel read UTF-8. */
const MARK = "\ufeff";
/** Spreadsheets run a cell that begins with one of these as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** A cell that no spreadsheet runs as a formula. */
function cell(value: string): string {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvWriter(): Writer {
  let names: readonly string[] = [];
  return {
    type: "text/csv;charset=utf-8",
    part(sessions, isFirst) {
      const lines: string[][] = [];
      if (isFirst) {
        names = attributeNames(sessions);
        const attributes = names.map((name) => `attributes.${name}`);
        lines.push([
          ...MEMBERS,
          "clientIds",
          "ipAddress",
          "userAgent",
          ...attributes,
          "otherAttributes",
          "unreadable",
        ]);
      }
      for (const session of sessions) lines.push(row(session, names));
      const text = lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
      return isFirst ? MARK + text : text;
    },
  };
}

function row(session: Session, names: readonly string[]): string[] {
  const { clientIds, ipAddress = "", userAgent = "", attributes = {}, unreadable = [] } = session;
  // The header was written before this session was read.
  const others = Object.entries(attributes).filter(([name]) => !names.includes(name));
  return [
    ...MEMBERS.map((member) => session[member] ?? ""),
    clientIds.join(" "),
    ipAddress,
    userAgent,
    ...names.map((name) => attributes[name] ?? ""),
    others.length === 0 ? "" : JSON.stringify(Object.fromEntries(others)),
    unreadable.join(" "),
  ];
}

const ndjsonWriter: Writer = {
  type: "application/x-ndjson",
  part: (sessions) => sessions.map((session) => `${JSON.stringify(session)}\n`).join(""),
};

/** The writer of a format. */
export function writerOf(format: ExportFormat): Writer {
  return format === "csv" ? csvWriter() : ndjsonWriter;
}
