/**
 * How the command fails, and the exit statuses.
 *
 * @module
 */

import type { ProblemDocument } from "../src/http/shapes.js";

/** The exit statuses. `docs/guides/command-line.md` lists them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  notConfirmed: 5,
  notNotified: 6,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a message. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly status: ExitStatus;
  /** The answer of the API, which `--json` prints instead of the message. */
  readonly problem: ProblemDocument | undefined;

  constructor(
    status: ExitStatus,
    message: string,
    options: { problem?: ProblemDocument; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.problem = options.problem;
  }
}

/** A mistake in the arguments. Nothing was changed. */
export function usage(message: string): Failure {
  return new Failure(EXIT.usage, message);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of an error of Node or of a driver. */
export function codeOf(thrown: unknown): string | undefined {
  const { code } = Object(thrown) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}
