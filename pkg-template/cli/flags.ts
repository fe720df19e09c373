/**
 * Flags and their values.
 *
 * @module
 */

import { type Command, Option } from "commander";
import { usage } from "./failure.js";
import { suggestion } from "./suggestions.js";
import { safe } from "./text.js";

/** A flag that takes one of some words, which its help lists. `checkValues` checks them. */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  const option = new Option(flags, description);
  option.argChoices = [...words];
  return option;
}

/** The values of a flag that may be repeated. */
export function collect(value: string, values: string[] = []): string[] {
  return [...values, value];
}

/**
 * Checks the words that flags take. A flag is refused that was given twice and takes one value:
 * commander keeps the last one, and a filter that is dropped would end other sessions.
 */
export function checkValues(command: Command): void {
  for (const option of command.options) {
    const { required, parseArg } = option;
    if (!required) continue;
    option.argParser((value: string, former: unknown) => {
      const word = oneOf(option, value);
      if (parseArg !== undefined) return parseArg(word, former);
      if (former !== undefined) throw usage(`\`${option.long}\` was given twice: give it once`);
      return word;
    });
  }
  for (const one of command.commands) checkValues(one);
}

function oneOf({ long, argChoices }: Option, value: string): string {
  if (argChoices === undefined || argChoices.includes(value)) return value;
  const words = argChoices.map((word) => `\`${word}\``).join(", ");
  const guess = suggestion(value, argChoices);
  throw usage(`\`${long}\` must be one of ${words}, not \`${safe(value)}\`${guess}`);
}

/**
 * Whether the arguments have a flag without a value, also if they can't be parsed. The value of
 * another flag isn't one, and neither is what follows `--`.
 */
export function hasFlag(program: Command, args: readonly string[], name: string): boolean {
  const valued = new Set(flagsWithValues(program));
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (argument === "--") return false;
    if (argument === `--${name}`) return true;
    if (valued.has(argument)) index += 1;
  }
  return false;
}

/** The flags of all commands that take a value. */
function flagsWithValues(command: Command): string[] {
  const own = command.options.filter(({ required }) => required).map(({ long }) => long ?? "");
  return [...new Set([...own, ...command.commands.flatMap(flagsWithValues)])];
}
