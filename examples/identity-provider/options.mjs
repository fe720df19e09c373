// @ts-check
/**
 * The command line.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { UsageError } from "./user-error.mjs";
import { FIRST_PORT } from "./web/ports.mjs";

/** In the project, whatever the working directory. */
const DATA = fileURLToPath(new URL("../../.rollcall/sessions.db", import.meta.url));

export const USAGE = `Usage: server.mjs [--data FILE] [--fill N] [--port N] [--no-open]

  --data FILE  the SQLite file with the sessions (default: .rollcall/sessions.db in the project)
  --fill N     adds N made-up sessions first
  --port N     the identity provider's port; the other servers use the next three. 0: any free
               ports (default: ${FIRST_PORT}, or the next four free ports)
  --no-open    doesn't open the console in the browser
  --help       prints this`;

export const CONSOLE_USAGE = `Usage: console-only.mjs [--port N] [--no-open]

  --port N     the port; 0: any that is free (default: ${FIRST_PORT}, or the next that is free)
  --no-open    doesn't open the console in the browser
  --help       prints this`;

const COMMON_OPTIONS = /** @type {const} */ ({
  port: { type: "string" },
  "no-open": { type: "boolean" },
  help: { type: "boolean", short: "h" },
});

/**
 * The options that both programs have.
 *
 * @typedef {object} CommonOptions
 * @property {boolean} help
 * @property {number | undefined} port
 * @property {boolean} opens whether to open the console in the browser
 */

/**
 * @param {string[]} args of `server.mjs`
 * @returns {CommonOptions & { data: string, fill: number }}
 */
export function readOptions(args) {
  const options = /** @type {const} */ ({
    ...COMMON_OPTIONS,
    data: { type: "string" },
    fill: { type: "string" },
  });
  const { values } = checked(() => parseArgs({ args: withNegative(args), options }));
  if (values.data?.trim() === "") throw new UsageError("--data must not be blank: give a file");
  return {
    ...commonOptions(values),
    data: values.data ?? DATA,
    fill: numberOf("--fill", values.fill ?? "0", 100_000_000),
  };
}

/**
 * @param {string[]} args of `console-only.mjs`
 * @returns {CommonOptions}
 */
export function readConsoleOptions(args) {
  const options = COMMON_OPTIONS;
  const { values } = checked(() => parseArgs({ args: withNegative(args), options }));
  return commonOptions(values);
}

/**
 * @param {{ help?: boolean, port?: string, "no-open"?: boolean }} values
 * @returns {CommonOptions}
 */
function commonOptions({ help, port, "no-open": isKeptClosed }) {
  return {
    help: help === true,
    port: port === undefined ? undefined : numberOf("--port", port, 65_532),
    opens: isKeptClosed !== true,
  };
}

/**
 * @template Parsed
 * @param {() => Parsed} parse
 * @returns {Parsed}
 */
function checked(parse) {
  try {
    return parse();
  } catch (error) {
    const [message = ""] = String(error instanceof Error ? error.message : error).split("\n");
    // Node's messages use other quotes and a capital.
    const plain = message
      .replaceAll(/'([^']*)'/g, "`$1`")
      .replace(/\.(?= |$).*$/, "")
      .replace(/^option `(--\w+).* argument (?:missing|is ambiguous)$/i, "$1 takes a value");
    throw new UsageError(
      `${plain.slice(0, 1).toLowerCase()}${plain.slice(1)}: \`--help\` lists the options`,
    );
  }
}

/**
 * Turns `--fill -3` into `--fill=-3`, so that `-3` is reported as a wrong number, not as a flag.
 *
 * @param {string[]} args
 * @returns {string[]}
 */
function withNegative(args) {
  return args
    .join("\0")
    .replaceAll(/(?<=^|\0)(--[a-z]+)\0(?=-\d)/g, "$1=")
    .split("\0");
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} most
 * @returns {number}
 */
function numberOf(name, text, most) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most)
    throw new UsageError(`${name} takes a whole number up to ${most}, not \`${text}\``);
  return number;
}
