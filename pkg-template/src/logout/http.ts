/**
 * One HTTP request to a client, bounded in time and size, with no redirect followed and nothing of the host's sent along.
 *
 * @module
 */
import { untilAborted } from "./attempt.js";
import { describe, Undelivered } from "./undelivered.js";

/** The part of `fetch` that the sender needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What came back. */
export interface Answer {
  status: number;
  /** The body, as far as it was read. */
  text: string;
  /** Where reading stopped: at the end of the body, at the limit, or because the body broke off. */
  end: "complete" | "limit" | "broken";
  /** In seconds; only with the statuses that RFC 9110 and RFC 6585 give it a meaning for. */
  retryAfter: number | undefined;
}

/** A client that asks to wait for longer than a day is asked again after a day, in seconds. */
const LONGEST_RETRY_AFTER = 86_400;

/**
 * Sends a request and reads at most `limit` bytes of the answer, rounded up to the chunk they came in.
 *
 * @throws {Undelivered} The client cannot be reached (retriable) or redirects (not retriable).
 * @throws The reason of `signal`, when it fires before the status is known.
 */
export async function exchange(fetch: Fetch, url: URL, init: RequestInit, limit: number, signal: AbortSignal): Promise<Answer> {
  const response = await send(fetch, url, { ...init, ...anonymous(), redirect: "manual", signal });
  const body = await read(response, limit, signal);
  // Browsers hide a redirect behind status 0; the other hosts show it as it is.
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    throw new Undelivered(`\`${url.host}\` redirects, which is not followed`, { status: response.status || undefined });
  }
  return { status: response.status, ...body, retryAfter: retryAfter(response) };
}

async function send(fetch: Fetch, url: URL, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  try {
    return await untilAborted(init.signal, fetch(url.href, init));
  } catch (thrown) {
    init.signal.throwIfAborted();
    throw new Undelivered(`cannot reach \`${url.host}\`: ${describe(thrown)}`, { retry: true });
  }
}

/** Cloudflare Workers, which have neither cookies nor a referrer, refuse these options instead of ignoring them. */
function anonymous(): RequestInit {
  return "credentials" in Request.prototype ? { credentials: "omit", referrerPolicy: "no-referrer" } : {};
}

async function read(response: Response, limit: number, signal: AbortSignal): Promise<Pick<Answer, "text" | "end">> {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    return { text: "", end: "complete" };
  }
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  let end: Answer["end"] = "limit";
  try {
    while (size < limit) {
      const chunk = await untilAborted(signal, reader.read());
      if (chunk.done) {
        return { text: text + decoder.decode(), end: "complete" };
      }
      text += decoder.decode(chunk.value.subarray(0, limit - size), { stream: true });
      size += chunk.value.byteLength;
    }
  } catch {
    // The status is known by now, and it is what counts: a body that breaks off or never ends takes nothing back.
    end = "broken";
  }
  // Whether the other side takes notice is of no consequence here.
  reader.cancel().catch(() => undefined);
  return { text, end };
}

/** RFC 9110, section 10.2.3: seconds or a date; with 503 there and with 429 in RFC 6585, section 4. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after")?.trim();
  if (value === undefined || (response.status !== 429 && response.status !== 503)) {
    return undefined;
  }
  const seconds = /^\d+$/.test(value) ? Number(value) : secondsUntil(value);
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER);
}

/** All three forms of HTTP-date begin with the day of the week; the oldest leaves out that it is GMT (RFC 9110, section 5.6.7). */
function secondsUntil(date: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(date)) {
    return undefined;
  }
  const time = Date.parse(date.endsWith("GMT") ? date : `${date} GMT`);
  return Number.isNaN(time) ? undefined : Math.ceil((time - Date.now()) / 1000);
}
