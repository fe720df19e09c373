/**
 * What a client's answer to a logout request means (OpenID Connect Back-Channel Logout 1.0, section 2.8).
 *
 * @module
 */
import type { LogoutOutcome } from "../types.js";
import type { Answer } from "./http.js";
import { Undelivered } from "./undelivered.js";
import { textMember } from "./untrusted.js";

/**
 * 200 is success, and so is 204, for some frameworks turn an empty 200 into one. Everything else is a failure, and worth
 * another attempt where it is the server's trouble and not the request's (section 2.5).
 *
 * @throws {Undelivered} With the client's own words, if it sent any.
 */
export function outcomeOf(answer: Answer): LogoutOutcome {
  const { status, retryAfter } = answer;
  if (status === 200 || status === 204) {
    return { delivered: true, status };
  }
  throw new Undelivered(`the client answered ${status}${reason(answer.text)}`, {
    retry: isRetriable(status),
    retryAfter,
    status,
  });
}

/** Too many requests, and whatever is the server's own trouble. */
export function isRetriable(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Section 2.8: a JSON object with `error` and `error_description`, as in RFC 6749, section 5.2. */
function reason(text: string): string {
  const body = parsed(text);
  const error = textMember(body, "error");
  const description = textMember(body, "error_description");
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
