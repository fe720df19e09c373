/**
 * The flags that say which sessions, as a filter of the API.
 *
 * @module
 */

import type { Command } from "commander";
import { usage } from "./failure.js";
import { choice } from "./flags.js";
import { instant } from "./times.js";

/** The values of the flags, by the names that commander gives them. */
export interface FilterFlags {
  search?: string;
  subject?: string;
  session?: string;
  name?: string;
  client?: string;
  issuer?: string;
  ip?: string;
  state?: string;
  createdAfter?: string;
  createdBefore?: string;
  renewedAfter?: string;
  renewedBefore?: string;
  expiresAfter?: string;
  expiresBefore?: string;
}

/** A filter of `POST /v1/sessions/query`. */
export type Filter = Readonly<Record<string, unknown>>;

/** The flags of times, with the member of the filter and the direction of a time span. */
export const TIME_FLAGS = [
  ["--created-after", "createdAfter", "created", "after", -1],
  ["--created-before", "createdBefore", "created", "before", -1],
  ["--renewed-after", "renewedAfter", "renewed", "after", -1],
  ["--renewed-before", "renewedBefore", "renewed", "before", -1],
  ["--expires-after", "expiresAfter", "expires", "after", 1],
  ["--expires-before", "expiresBefore", "expires", "before", 1],
] as const;

const TEXT_FLAGS = [
  ["search", "search"],
  ["subject", "subjectId"],
  ["session", "sessionId"],
  ["name", "displayName"],
  ["client", "clientId"],
  ["issuer", "issuer"],
  ["ip", "ipAddress"],
  ["state", "state"],
] as const;

/** Adds the flags to a command. */
export function filterOptions(command: Command): Command {
  return command
    .optionsGroup("Which sessions:")
    .option("--search <text>", "a whole subject id or session id, or a part of the name")
    .option("--subject <id>", "of this subject")
    .option("--session <id>", "with this session id")
    .option("--name <text>", "whose name contains this, ignoring case")
    .option("--client <id>", "in which this client took part")
    .option("--issuer <issuer>", "that began under this issuer")
    .option("--ip <address>", "that began at this address")
    .addOption(
      choice("--state <state>", "in this state (default: any)", ["active", "expired", "any"]),
    )
    .option("--created-after <time>", "that began then or later; 2h means 2 hours ago")
    .option("--created-before <time>", "that began earlier")
    .option("--renewed-after <time>", "that were renewed last then or later")
    .option("--renewed-before <time>", "that were renewed last earlier")
    .option("--expires-after <time>", "that expire then or later; 2h means in 2 hours")
    .option("--expires-before <time>", "that expire earlier");
}

/**
 * The filter that the flags stand for.
 *
 * @throws {Failure} for a blank value, which the API would take for no filter at all
 */
export function filterOf(flags: FilterFlags): Filter {
  const now = Date.now();
  const filter: Record<string, unknown> = {};
  for (const [flag, member] of TEXT_FLAGS) {
    const value = flags[flag];
    if (value === undefined) continue;
    filter[member] = notBlank(`--${flag}`, value);
  }
  for (const [flag, name, member, bound, sign] of TIME_FLAGS) {
    const value = flags[name];
    if (value === undefined) continue;
    const range = (filter[member] ?? {}) as object;
    filter[member] = { ...range, [bound]: instant(flag, value, sign, now) };
  }
  return filter;
}

/** Refuses a blank value, as an unset variable of a script leaves it. */
export function notBlank(what: string, value: string): string {
  if (value.trim() === "") throw usage(`\`${what}\` must not be blank`);
  return value;
}

/** A whole number from 1. */
export function positive(flag: string, text: string): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number < 1) {
    throw usage(`\`${flag}\` must be a whole number, 1 or more`);
  }
  return number;
}
