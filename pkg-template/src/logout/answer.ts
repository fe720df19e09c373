/**
 * Interprets a client's answer.
 *
 * @module
 */
import type { LogoutOutcome } from "../types.js";
import type { Answer, BodyLimit } from "./client-request.js";
import { DeliveryFailure } from "./delivery-failure.js";
import { stringMember } from "./untrusted.js";

/** How a specification interprets answers. */
export interface AnswerRules {
  /** The statuses that are success. */
  success: readonly number[];
  /** The members of the JSON object that describes the error: a code and a description. */
  error: string;
  description: string;
}

/**
 * Answers to a logout request (OpenID Connect Back-Channel Logout 1.0, section 2.8). 204 is success
 * too, because some frameworks turn an empty 200 into one. The members are those of RFC 6749,
 * section 5.2.
 */
export const LOGOUT_ANSWERS: AnswerRules = {
  success: [200, 204],
  error: "error",
  description: "error_description",
};

/** The most bytes of an answer that are read for the client's description of the error. */
const ANSWER_LIMIT = 4_096;

/** How many bytes of an answer are read. For a success none: its status is enough. */
export function answerLimit({ success }: AnswerRules): BodyLimit {
  return (status) => (success.includes(status) ? 0 : ANSWER_LIMIT);
}

/**
 * An answer that is not a success is a failure. It is worth another attempt if the server is at
 * fault and not the request (OpenID Connect Back-Channel Logout 1.0, section 2.5; RFC 8935, section
 * 2.4).
 *
 * @throws {DeliveryFailure} With the client's description of the error, if it sent one.
 */
export function outcomeOf(answer: Answer, rules: AnswerRules): LogoutOutcome {
  const { status, retryAfter } = answer;
  if (rules.success.includes(status)) {
    return { delivered: true, status };
  }
  throw new DeliveryFailure(`the client answered ${status}${reason(answer.text, rules)}`, {
    retry: isRetriable(status),
    retryAfter,
    status,
  });
}

/** The statuses of requests that may be repeated unchanged (RFC 9110 and 8470, RFC 6585). */
const REPEATABLE: readonly number[] = [408, 425, 429];

/** Whether another attempt may succeed. 5xx is a problem of the server, not of the request. */
export function isRetriable(status: number): boolean {
  return REPEATABLE.includes(status) || status >= 500;
}

function reason(text: string, rules: AnswerRules): string {
  const body = parsed(text);
  const error = stringMember(body, rules.error);
  const description = stringMember(body, rules.description);
  return `${error === undefined ? "" : `: \`${error}\``}${description === undefined ? "" : ` (\`${description}\`)`}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, or cut off: only the status remains.
    return undefined;
  }
}
