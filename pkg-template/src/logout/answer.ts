/**
 * What a client's answer means.
 *
 * @module
 */
import type { LogoutOutcome } from "../types.js";
import type { Answer, BodyLimit } from "./http.js";
import { Undelivered } from "./undelivered.js";
import { textMember } from "./untrusted.js";

/** What a specification makes of answers. */
export interface AnswerRules {
  /** The statuses that are success. */
  success: readonly number[];
  /** The members of the JSON object that says what went wrong: a code, and words. */
  error: string;
  description: string;
}

/**
 * Answers to a logout request (OpenID Connect Back-Channel Logout 1.0, section 2.8). 204 is success
 * too, for some frameworks turn an empty 200 into one. The members are those of RFC 6749, section
 * 5.2.
 */
export const LOGOUT_ANSWERS: AnswerRules = {
  success: [200, 204],
  error: "error",
  description: "error_description",
};

/** The longest answer that is read for the client's own words, in bytes. */
const ANSWER_LIMIT = 4_096;

/** How much of an answer is read: of a success nothing, because its status says it all. */
export function answerLimit({ success }: AnswerRules): BodyLimit {
  return (status) => (success.includes(status) ? 0 : ANSWER_LIMIT);
}

/**
 * What does not count as success is a failure, and worth another attempt where it is the server's
 * trouble and not the request's (OpenID Connect Back-Channel Logout 1.0, section 2.5; RFC 8935,
 * section 2.4).
 *
 * @throws {Undelivered} With the client's own words, if it sent any.
 */
export function outcomeOf(answer: Answer, rules: AnswerRules): LogoutOutcome {
  const { status, retryAfter } = answer;
  if (rules.success.includes(status)) {
    return { delivered: true, status };
  }
  throw new Undelivered(`the client answered ${status}${reason(answer.text, rules)}`, {
    retry: isRetriable(status),
    retryAfter,
    status,
  });
}

/** The statuses of requests that may be repeated as they are (RFC 9110 and 8470, RFC 6585). */
const REPEATABLE: readonly number[] = [408, 425, 429];

/** Whether another attempt may end otherwise. 5xx is the server's own trouble. */
export function isRetriable(status: number): boolean {
  return REPEATABLE.includes(status) || status >= 500;
}

function reason(text: string, rules: AnswerRules): string {
  const body = parsed(text);
  const error = textMember(body, rules.error);
  const description = textMember(body, rules.description);
  return `${error === undefined ? "" : `: \`${error}\``}${description === undefined ? "" : ` (\`${description}\`)`}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, or cut off: the status has to do.
    return undefined;
  }
}
