/**
 * Why an attempt failed, on its way from where it is found out to the outcome that the core gets.
 *
 * @module
 */
import type { LogoutOutcome } from "../types.js";

/** The longest error text of an outcome, in characters. It goes into reports and the outbox. */
const ERROR_LENGTH = 500;

/**
 * The parts of a token or another secret shorter than this say nothing, and would blot out harmless
 * text.
 */
const SECRET_LENGTH = 16;

/** What an outcome says besides its text. `retryAfter` is in seconds. */
export interface UndeliveredDetails {
  /**
   * Whether another attempt makes sense (OpenID Connect Back-Channel Logout 1.0, section 2.5).
   * Default false.
   */
  retry?: boolean;
  retryAfter?: number | undefined;
  status?: number | undefined;
}

/** Thrown within the sender only; whoever calls the sender gets `outcome()`. */
export class Undelivered extends Error {
  override readonly name = "Undelivered";
  readonly #details: UndeliveredDetails;

  constructor(message: string, details: UndeliveredDetails = {}) {
    super(message);
    this.#details = details;
  }

  /**
   * The failure as the core takes it. Clients choose part of the text, so it is cut, made
   * printable, and cleared of every part of `secrets`: a client may send back what it was sent.
   */
  outcome(secrets: readonly string[]): LogoutOutcome {
    const { retry = false, retryAfter, status } = this.#details;
    return {
      delivered: false,
      retry,
      ...(retryAfter !== undefined && { retryAfter }),
      ...(status !== undefined && { status }),
      error: printable(without(this.message, secrets)),
    };
  }
}

/**
 * What was thrown, in words: the messages of an error and of its causes. `fetch` hides the reason
 * in a cause.
 */
export function describe(thrown: unknown): string {
  if (typeof thrown === "string") {
    return thrown;
  }
  const messages: string[] = [];
  let error = thrown;
  while (error instanceof Error && messages.length < 4) {
    messages.push(error.message || codeOf(error) || error.name);
    error = error.cause;
  }
  return messages.join(": ") || "unknown error";
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function without(text: string, secrets: readonly string[]): string {
  const parts = secrets
    .flatMap((secret) => secret.split("."))
    .filter((part) => part.length >= SECRET_LENGTH);
  return parts.reduce((rest, part) => rest.replaceAll(part, "…"), text);
}

/**
 * Control characters, line ends, direction marks and lone surrogates become spaces: a log line
 * stays one line.
 */
function printable(text: string): string {
  const characters = [...text.replace(/[\p{C}\p{Z}]+/gu, " ").trim()];
  return characters.length <= ERROR_LENGTH
    ? characters.join("")
    : `${characters.slice(0, ERROR_LENGTH - 1).join("")}…`;
}
