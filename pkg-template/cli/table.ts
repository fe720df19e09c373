/**
 * Rows as a table on a terminal, as tab-separated values in a pipe, and as CSV.
 *
 * @module
 */

import type { Output } from "./output.js";
import { listed, safe } from "./text.js";
import { cut, padded, widthOf } from "./width.js";

/** One column. */
export interface Column<Row> {
  /** The member of the API's JSON that it shows. */
  name: string;
  /** The header on a terminal, if it is shorter than the name. */
  head?: string;
  /** The whole value; empty where there is none. */
  value: (row: Row) => string;
  /** The value on a terminal, if it is shorter there. */
  short?: (row: Row) => string;
  /** Whether the value is of use only whole, as an id that is copied. */
  isWhole?: boolean;
  /** The value is cut to no less than this on a terminal. */
  least?: number;
  /** How the value is coloured. */
  style?: (row: Row) => "good" | "bad" | "waiting" | undefined;
}

/** Spaces between columns. */
const GAP = 2;
/** No text is cut to less than this, unless its column says so. */
const LEAST = 9;

/** Writes rows as they come, page by page, with one line of headers. */
export class Table<Row> {
  readonly #output: Output;
  readonly #columns: readonly Column<Row>[];
  readonly #flag: string;
  #widths: number[] | undefined;

  /** `flag` shows the columns that a terminal has no room for. */
  constructor(output: Output, columns: readonly Column<Row>[], flag: "--columns" | "--json") {
    this.#output = output;
    this.#columns = columns;
    this.#flag = flag;
  }

  /** Writes these rows below those before. */
  async add(rows: readonly Row[]): Promise<void> {
    await this.#output.write(this.#output.isTerminal ? this.#terminal(rows) : this.#piped(rows));
  }

  /** Says which columns were left out. */
  end(): void {
    const { length } = this.#widths ?? this.#columns;
    const missing = this.#columns.slice(length).map(({ name, head = name }) => headOf(head));
    if (missing.length === 0 || !this.#output.isTerminal) return;
    this.#output.say(
      `no room for ${listed(missing)}: \`${this.#flag}\` shows ${missing.length === 1 ? "it" : "them"}`,
    );
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
    const heads = this.#columns.map(({ name, head = name }) => headOf(head));
    const isFirst = this.#widths === undefined;
    // The pages that follow keep the columns of the first one.
    this.#widths ??= fitted(
      heads.map((head, column) => {
        const widths = cells.map((line) => widthOf(line[column] ?? ""));
        const wanted = Math.max(widthOf(head), ...widths);
        const { isWhole = false, least = LEAST } = this.#columns[column] ?? {};
        return { wanted, least: isWhole ? wanted : Math.min(wanted, least) };
      }),
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
        const cell = cells[column] ?? "";
        // An id of a later page may be longer than those of the first one.
        const isWhole = this.#columns[column]?.isWhole === true && widths.length > 1;
        const text = isWhole ? cell : cut(cell, width);
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

/** The widths that a column can have. */
interface Wish {
  /** The width of its widest value. */
  wanted: number;
  /** Its values are cut to no less. */
  least: number;
}

/** Widths with which a line fits: the last columns are left out, then the widest text is cut. */
function fitted(wishes: readonly Wish[], width: number): number[] {
  const kept = [...wishes];
  const lineOf = (widths: readonly number[]) => widths.reduce((sum, one) => sum + one + GAP, -GAP);
  while (kept.length > 1 && lineOf(kept.map(({ least }) => least)) > width) kept.pop();
  const widths = kept.map(({ wanted }) => wanted);
  for (let excess = lineOf(widths) - width; excess > 0; excess -= 1) {
    const spare = (column: number) => (widths[column] ?? 0) > (kept[column]?.least ?? 0);
    const most = Math.max(...widths.filter((_, column) => spare(column)));
    const widest = widths.findIndex((one, column) => one === most && spare(column));
    // A single value that is too long for the line.
    if (widest < 0) return [width];
    widths[widest] = most - 1;
  }
  return widths;
}

/** A value in a line of tab-separated values. Tabs and line breaks are escaped as in JSON. */
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
