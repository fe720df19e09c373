/**
 * Rows as a table on a terminal, as tab-separated values in a pipe, and as CSV.
 *
 * @module
 */

import type { Output } from "./output.js";
import { cut, padded, safe, widthOf } from "./text.js";

/** One column. */
export interface Column<Row> {
  /** The member of the API's JSON that it shows. */
  name: string;
  /** The whole value; empty where there is none. */
  value: (row: Row) => string;
  /** The value on a terminal, if it is shorter there. */
  short?: (row: Row) => string;
  /** Whether the value is needed whole, to copy it. */
  isId?: boolean;
  /** How the value is coloured. */
  style?: (row: Row) => "good" | "bad" | "waiting" | undefined;
}

/** Two spaces stand between columns. */
const GAP = 2;
/** No column is made narrower than this to make room. */
const LEAST = 8;

/** Writes rows as they come, page by page, with one line of headers. */
export class Table<Row> {
  readonly #output: Output;
  readonly #columns: readonly Column<Row>[];
  #widths: number[] | undefined;

  constructor(output: Output, columns: readonly Column<Row>[]) {
    this.#output = output;
    this.#columns = columns;
  }

  /** Writes these rows below those before. */
  async add(rows: readonly Row[]): Promise<void> {
    await this.#output.write(this.#output.isTerminal ? this.#terminal(rows) : this.#piped(rows));
  }

  #piped(rows: readonly Row[]): string {
    const lines = rows.map((row) => this.#columns.map(({ value }) => field(value(row))));
    if (this.#widths === undefined) lines.unshift(this.#columns.map(({ name }) => name));
    this.#widths = [];
    return lines.map((line) => `${line.join("\t")}\n`).join("");
  }

  #terminal(rows: readonly Row[]): string {
    const cells = rows.map((row) =>
      this.#columns.map(({ value, short = value }) => safe(short(row))),
    );
    const heads = this.#columns.map(({ name }) => headOf(name));
    const isFirst = this.#widths === undefined;
    // The pages that follow keep the columns of the first one.
    this.#widths ??= fitted(
      heads.map((head, column) =>
        Math.max(widthOf(head), ...cells.map((line) => widthOf(line[column] ?? ""))),
      ),
      this.#columns.map(({ isId = false }) => isId),
      this.#output.width,
    );
    const lines = cells.map((line, index) => this.#line(line, rows[index]));
    if (isFirst) lines.unshift(this.#output.styled(this.#line(heads), "header"));
    return lines.map((line) => `${line}\n`).join("");
  }

  #line(cells: readonly string[], row?: Row): string {
    const widths = this.#widths ?? [];
    return widths
      .map((width, column) => {
        const text = cut(cells[column] ?? "", width);
        const shown = column === widths.length - 1 ? text : padded(text, width);
        const style = row === undefined ? undefined : this.#columns[column]?.style?.(row);
        return style === undefined ? shown : this.#output.styled(shown, style);
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  }
}

/** `sessionId` is headed SESSION ID. */
function headOf(name: string): string {
  return name.replace(/[A-Z]/g, " $&").toUpperCase();
}

/** Widths with which a line fits: text is cut first, then the last columns are left out. */
function fitted(wanted: readonly number[], isId: readonly boolean[], width: number): number[] {
  const widths = [...wanted];
  const excess = () => widths.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  while (excess() > 0) {
    const most = Math.max(LEAST, ...widths.filter((_, column) => isId[column] !== true));
    const widest = widths.findIndex((one, column) => one === most && isId[column] !== true);
    if (most > LEAST && widest >= 0) {
      const others = widths.filter((_, column) => isId[column] !== true && column !== widest);
      const next = Math.max(LEAST, ...others);
      widths[widest] = Math.max(most - excess(), Math.min(next, most - 1), LEAST);
    } else if (widths.length > 2) {
      widths.pop();
    } else {
      // Two ids that are too long for the line.
      const longest = widths.indexOf(Math.max(...widths));
      widths[longest] = Math.max((widths[longest] ?? 0) - excess(), 1);
      if (excess() > 0) widths.pop();
      if (widths.length === 1) return [Math.max(Math.min(widths[0] ?? 1, width), 1)];
    }
  }
  return widths;
}

/** A value in a line of tab-separated values. What a line can't hold is escaped as in JSON. */
function field(value: string): string {
  return safe(value.replaceAll("\\", "\\\\"));
}

/** Lines of CSV (RFC 4180), with CR LF at their ends. */
export function csvLines(lines: readonly (readonly string[])[]): string {
  return lines.map((line) => `${line.map(csvField).join(",")}\r\n`).join("");
}

/**
 * A spreadsheet takes text that begins with one of these characters for a formula. An apostrophe
 * before it makes it text.
 */
const FORMULA = /^[=+\-@\t\r]/;

function csvField(value: string): string {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
