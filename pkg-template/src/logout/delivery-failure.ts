/**
 * Carries the reason of a failed attempt to the outcome that the core gets.
 *
 * @module
 */
import type { LogoutOutcome } from "../types.js";

/**
 * The longest error message of an outcome, in characters. It is stored in reports and in the
 * outbox.
 */
const ERROR_LENGTH = 500;

/**
 * Only pieces of a secret this long are masked. Shorter ones reveal nothing, and masking them would
 * hide harmless words. A secret that is itself shorter is masked as a whole.
 */
const PIECE_LENGTH = 16;

/** The members of an outcome besides its message. `retryAfter` is in seconds. */
export interface UndeliveredDetails {
  /**
   * Whether another attempt makes sense (OpenID Connect Back-Channel Logout 1.0, section 2.5).
   * Default false.
   */
  retry?: boolean;
  retryAfter?: number | undefined;
  status?: number | undefined;
}

/** Thrown within the sender only; the sender's caller gets `outcome()`. */
export class DeliveryFailure extends Error {
  override readonly name = "DeliveryFailure";
  readonly #details: UndeliveredDetails;

  constructor(message: string, details: UndeliveredDetails = {}) {
    super(message);
    this.#details = details;
  }

  /**
   * The failure as the outcome that the core expects. Clients control part of the message, so it is
   * truncated, made printable, and stripped of every piece of `secrets`: a client may return the
   * token that it was sent.
   */
  outcome(secrets: readonly string[]): LogoutOutcome {
    const { retry = false, retryAfter, status } = this.#details;
    return {
      delivered: false,
      retry,
      ...(retryAfter !== undefined && { retryAfter }),
      ...(status !== undefined && { status }),
      error: cut(masked(inOneLine(this.message), secrets)),
    };
  }
}

/**
 * Describes a thrown value: the messages of an error and of its causes. `fetch` hides the reason in
 * a cause.
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

/** The message with `…` in place of each run of characters that also occurs in a secret. */
function masked(text: string, secrets: readonly string[]): string {
  const isSecret = new Uint8Array(text.length);
  for (const secret of secrets) {
    const length = Math.min(PIECE_LENGTH, secret.length);
    const pieces = new Set<string>();
    for (let at = 0; at + length <= secret.length; at += 1) {
      pieces.add(secret.slice(at, at + length));
    }
    for (let at = 0; at + length <= text.length; at += 1) {
      if (pieces.has(text.slice(at, at + length))) isSecret.fill(1, at, at + length);
    }
  }
  let rest = "";
  for (let at = 0; at < text.length; at += 1) {
    if (isSecret[at] === 0) rest += text[at];
    else if (isSecret[at - 1] !== 1) rest += "…";
  }
  return rest;
}

/**
 * Replaces control characters, line breaks, direction marks and lone surrogates with spaces, so
 * that a log entry stays on one line.
 */
function inOneLine(text: string): string {
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= ERROR_LENGTH
    ? text
    : `${characters.slice(0, ERROR_LENGTH - 1).join("")}…`;
}
