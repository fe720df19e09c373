/**
 * Standard output has the data, standard error has everything else.
 *
 * @module
 */

import { EXIT, Failure } from "./failure.js";
import { safeJson } from "./text.js";

/** The flags about output. */
export interface OutputFlags {
  json?: boolean;
  color?: boolean;
  quiet?: boolean;
}

/** The places that a command writes to. */
export class Output {
  readonly json: boolean;
  readonly #quiet: boolean;
  readonly #hasColors: boolean;
  #progress = "";
  #isClosed = false;
  #onClosed = () => {};
  /** Whether the command goes on without a reader, because it changes something. */
  mustFinish = false;

  constructor({ json = false, color = true, quiet = false }: OutputFlags) {
    this.json = json;
    this.#quiet = quiet;
    const { NO_COLOR = "", TERM } = process.env;
    this.#hasColors = color && NO_COLOR === "" && TERM !== "dumb";
  }

  /** Whether the data goes to a terminal. */
  get isTerminal(): boolean {
    return process.stdout.isTTY === true;
  }

  /** The columns of the terminal that the data goes to. */
  get width(): number {
    return process.stdout.columns || 80;
  }

  /** Whether a person can be asked. */
  get canAsk(): boolean {
    return process.stdin.isTTY === true && process.stderr.isTTY === true;
  }

  /** Writes data, and waits until the reader has room for more. */
  async write(text: string): Promise<void> {
    if (this.#isClosed || process.stdout.write(text)) return;
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      process.stdout.once("drain", resolve);
    });
  }

  /** Drops the data from now on, because its reader has left. */
  close(): void {
    this.#isClosed = true;
    this.#onClosed();
  }

  /** Whether the reader of the data has left. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Writes the API's JSON: indented on a terminal, in one line otherwise. */
  async writeJson(value: unknown): Promise<void> {
    await this.write(`${safeJson(value, this.isTerminal ? 2 : undefined)}\n`);
  }

  /**
   * Says something that isn't data. `text` must be safe. With `--json` a program reads standard
   * error, unless that is a terminal.
   */
  say(text: string): void {
    if (!this.#quiet && (!this.json || process.stderr.isTTY === true)) this.insist(text);
  }

  /** Says something also with `--quiet`. */
  insist(text: string): void {
    this.progress("");
    process.stderr.write(`${text}\n`);
  }

  /** Says why the command fails: with `--json` as one problem and nothing else. */
  fail({ message, problem, hint, status }: Failure): void {
    if (this.json) {
      this.insist(safeJson(problem));
      return;
    }
    if (hint !== undefined) this.insist(hint);
    if (hint === undefined || status !== EXIT.interrupted) this.insist(`error: ${message}`);
  }

  /** Replaces the line of progress, which only a terminal has. */
  progress(text: string): void {
    if (this.#quiet || process.stderr.isTTY !== true || this.#progress === text) return;
    process.stderr.write(`\r\u001b[K${text}`);
    this.#progress = text;
  }

  /** Text in this style, where the data goes to a terminal with colours. */
  styled(text: string, style: keyof typeof STYLES): string {
    if (!this.#hasColors || !this.isTerminal) return text;
    return `\u001b[${STYLES[style]}m${text}\u001b[0m`;
  }

  /**
   * Asks a person for a line.
   *
   * @throws {Failure} 130 if the person ends the command
   */
  async ask(question: string): Promise<string> {
    const { createInterface } = await import("node:readline");
    return await new Promise((resolve, reject) => {
      const { stdin, stderr } = process;
      const reader = createInterface({ input: stdin, output: stderr, terminal: true });
      reader.on("SIGINT", () => {
        stderr.write("\n");
        reject(new Failure("interrupted", "interrupted: nothing was changed"));
        reader.close();
      });
      // The end of the input is no answer.
      reader.on("close", () => resolve(""));
      reader.question(`${question} `, (answer) => {
        resolve(answer.trim());
        reader.close();
      });
    });
  }
}

const STYLES = { header: 2, good: 32, bad: 31, waiting: 33 } as const;
