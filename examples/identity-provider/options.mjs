// @ts-check
/**
 * The command line.
 *
 * @module
 */

import { parseArgs } from "node:util";

export const USAGE = `Usage: server.mjs [--data FILE] [--fill N] [--port N]

  --data FILE  the SQLite file with the sessions (default: .rollcall/sessions.db)
  --fill N     adds N made-up sessions before anything else
  --port N     the identity provider's port; the others take the next three (default: free ones)
  --help       prints this`;

/** A mistake on the command line. */
export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @returns {{ help: boolean, data: string, fill: number, port: number }}
 */
export function readOptions(args) {
  const { values } = parsed(args);
  return {
    help: values.help === true,
    data: values.data ?? ".rollcall/sessions.db",
    fill: numberOf("--fill", values.fill, 100_000_000),
    port: numberOf("--port", values.port, 65_532),
  };
}

/** @param {string[]} args */
function parsed(args) {
  try {
    return parseArgs({
      args,
      options: {
        data: { type: "string" },
        fill: { type: "string" },
        port: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} most
 * @returns {number} 0 without the option
 */
function numberOf(name, text = "0", most) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most)
    throw new UsageError(`${name} takes a whole number up to ${most}, not \`${text}\``);
  return number;
}
