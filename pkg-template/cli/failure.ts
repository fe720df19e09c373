/**
 * How the command fails, and the exit statuses.
 *
 * @module
 */

import type { ProblemDocument } from "../src/http/shapes.js";
import { safe } from "./text.js";

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

/**
 * The codes of the command's own failures, each with its exit status and the title of its problem.
 * `docs/guides/command-line.md` lists them. A failure that an API reports keeps the API's code.
 */
const CODES = {
  usage: [EXIT.usage, "Wrong arguments"],
  session_not_found: [EXIT.notFound, "No such session"],
  not_confirmed: [EXIT.notConfirmed, "Not confirmed"],
  not_signed_in: [EXIT.refused, "Not signed in"],
  forbidden: [EXIT.refused, "Forbidden"],
  unreachable: [EXIT.failed, "Unreachable"],
  no_admin_api: [EXIT.failed, "No admin API"],
  unexpected_answer: [EXIT.failed, "Unexpected answer"],
  not_installed: [EXIT.failed, "Not installed"],
  not_loaded: [EXIT.failed, "Not loaded"],
  not_ended: [EXIT.failed, "Not ended"],
  not_retried: [EXIT.failed, "Not retried"],
  failed: [EXIT.failed, "Failed"],
  interrupted: [EXIT.interrupted, "Interrupted"],
} as const;

export type FailureCode = keyof typeof CODES;

/** Ends the command with a message. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly status: ExitStatus;
  /** `--json` prints this instead of the message: the API's problem, or one of the same form. */
  problem: object;
  /** How to continue, which is shown before the message. */
  hint: string | undefined;

  /** `problem` and its `status` are those of an answer of the API. */
  constructor(
    code: FailureCode,
    message: string,
    {
      status,
      problem,
      cause,
    }: { status?: ExitStatus; problem?: ProblemDocument; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    const [own, title] = CODES[code];
    const type = `urn:rollcall:problem:${code.replaceAll("_", "-")}`;
    this.status = status ?? own;
    this.problem = problem ?? { type, title, code, detail: message };
  }

  /** This failure, with how to continue: for a person, and as members of the problem. */
  continued(hint: string, members: object): this {
    this.hint = hint;
    this.problem = { ...this.problem, ...members };
    return this;
  }
}

/** A mistake in the arguments. Nothing was changed. */
export function usage(message: string): Failure {
  return new Failure("usage", message);
}

/** Anything that was thrown, as a failure. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure("failed", safe(messageOf(thrown)), { cause: thrown });
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The codes of systems, networks and databases, in plain words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not read it",
  EPERM: "you may not read it",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection broke off",
  UND_ERR_SOCKET: "the connection broke off",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name server doesn't answer",
  ETIMEDOUT: "it doesn't answer",
  UND_ERR_CONNECT_TIMEOUT: "it doesn't answer",
  UND_ERR_HEADERS_TIMEOUT: "it doesn't answer",
  EPROTO: "it doesn't speak https: give an http URL",
  ERR_SSL_WRONG_VERSION_NUMBER: "it doesn't speak https: give an http URL",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it doesn't speak https: give an http URL",
  "bad port": "`fetch` calls no port that browsers block",
};

/** Why something failed, in the words of a person where its code is known. It is safe to print. */
export function reasonOf(thrown: unknown): string {
  return knownReason(thrown) ?? safe(messageOf(thrown) || (codeOf(thrown) ?? ""));
}

/** The same, if it is known by its code. */
export function knownReason(thrown: unknown): string | undefined {
  return REASONS[codeOf(thrown) ?? messageOf(thrown)];
}

/** The `code` of an error of Node or of a driver. */
export function codeOf(thrown: unknown): string | undefined {
  const { code } = Object(thrown) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}
