/**
 * One HTTP request to a client, bounded in time and size, with no redirect followed and nothing of
 * the host's sent along.
 *
 * @module
 */
import { Undelivered } from "./undelivered.js";

/** A request. */
export interface HttpRequest {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** What came back, as a transport hands it over. */
export interface HttpResponse {
  /** 0 where the host does not tell. */
  status: number;
  isRedirect: boolean;
  /** The header `Retry-After`. */
  retryAfter: string | undefined;
  /** The body, as far as it was read. */
  text: string;
  /** Where reading stopped: at the end of the body, at the limit, or because the body broke off. */
  end: "complete" | "limit" | "broken";
}

/**
 * How many bytes of an answer with this status are read. 0: the status says it all, and nothing of
 * the body is waited for.
 */
export type BodyLimit = (status: number) => number;

/**
 * How much more of a body is let in that is not waited for, in bytes and in milliseconds, so that
 * its connection can be used again. After that it is closed.
 */
export const UNREAD_BODY = { size: 4_096, time: 1_000 };

/**
 * Sends a request and reads no more of the answer than `limit` says, rounded up to the chunk they
 * came in. Follows no redirect.
 *
 * @throws {Undelivered} The client cannot be reached (retriable), or is where nothing may be sent
 * to (not retriable).
 * @throws The reason of `signal`, when it fires before the status is known. From then on it only
 * ends the reading: the status is what counts, and a body that breaks off or never ends takes
 * nothing back.
 */
export type Transport = (
  url: URL,
  request: HttpRequest,
  limit: BodyLimit,
  signal: AbortSignal,
) => Promise<HttpResponse>;

/** The answer to a request. */
export interface Answer extends Pick<HttpResponse, "status" | "text" | "end"> {
  /** In seconds; only with the statuses that RFC 9110 and RFC 6585 give it a meaning for. */
  retryAfter: number | undefined;
}

/** A client that asks to wait for longer than a day is asked again after a day, in seconds. */
const LONGEST_RETRY_AFTER = 86_400;

/**
 * Sends a request by this transport.
 *
 * @throws {Undelivered} What the transport throws, or the client redirects (not retriable).
 * @throws The reason of `signal`, when it fires before the status is known.
 */
export async function exchange(
  transport: Transport,
  url: URL,
  request: HttpRequest,
  limit: BodyLimit,
  signal: AbortSignal,
): Promise<Answer> {
  const { status, isRedirect, retryAfter, text, end } = await transport(
    url,
    request,
    limit,
    signal,
  );
  if (isRedirect) {
    throw new Undelivered(`\`${url.host}\` redirects, which is not followed`, {
      status: status || undefined,
    });
  }
  return { status, text, end, retryAfter: retryAfterOf(status, retryAfter?.trim()) };
}

/**
 * RFC 9110, section 10.2.3: seconds or a date; with 503 there and with 429 in RFC 6585, section 4.
 */
function retryAfterOf(status: number, value: string | undefined): number | undefined {
  if (value === undefined || (status !== 429 && status !== 503)) {
    return undefined;
  }
  const seconds = /^\d+$/.test(value) ? Number(value) : secondsUntil(value);
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER);
}

/**
 * All three forms of HTTP-date begin with the day of the week; the oldest leaves out that it is GMT
 * (RFC 9110, section 5.6.7).
 */
function secondsUntil(date: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(date)) {
    return undefined;
  }
  const time = Date.parse(date.endsWith("GMT") ? date : `${date} GMT`);
  return Number.isNaN(time) ? undefined : Math.ceil((time - Date.now()) / 1000);
}
