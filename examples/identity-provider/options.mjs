// @ts-check
/**
 * The command line.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { UsageError } from "./mendable.mjs";
import { FIRST_PORT } from "./web/ports.mjs";

/** In the project, whatever the working directory. */
const DATA = fileURLToPath(new URL("../../.rollcall/sessions.db", import.meta.url));

export const USAGE = `Usage: server.mjs [--data FILE] [--fill N] [--port N]

  --data FILE  the SQLite file with the sessions (default: .rollcall/sessions.db in the project)
  --fill N     adds N made-up sessions first
  --port N     the identity provider's port; the other servers use the next three. 0: any free
               ports (default: ${FIRST_PORT}, or the next four free ports)
  --help       prints this`;

/**
 * @param {string[]} args
 * @returns {{ help: boolean, data: string, fill: number, port: number | undefined }}
 */
export function readOptions(args) {
  const { values } = parsed(args);
  if (values.data?.trim() === "") throw new UsageError("--data must not be blank: give a file");
  return {
    help: values.help === true,
    data: values.data ?? DATA,
    fill: numberOf("--fill", values.fill ?? "0", 100_000_000),
    port: values.port === undefined ? undefined : numberOf("--port", values.port, 65_532),
  };
}

/** @param {string[]} args */
function parsed(args) {
  try {
    return parseArgs({
      args: withNegative(args),
      options: {
        data: { type: "string" },
        fill: { type: "string" },
        port: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
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
