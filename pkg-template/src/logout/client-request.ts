/**
 * One HTTP request to a client, limited in time and size, without redirects and without the host's
 * credentials.
 *
 * @module
 */
import { DeliveryFailure } from "./delivery-failure.js";

/** A request. */
export interface HttpRequest {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** The answer as a transport returns it. */
export interface HttpResponse {
  /** 0 if the host doesn't reveal it. */
  status: number;
  isRedirect: boolean;
  /** The header `Retry-After`. */
  retryAfter: string | undefined;
  /** The body, as far as it was read. */
  text: string;
  /**
   * Where reading stopped: at the end of the body, at the limit, or because the body ended early.
   */
  end: "complete" | "limit" | "broken";
}

/** How many bytes of an answer with this status to read. With 0 the body is not waited for. */
export type BodyLimit = (status: number) => number;

/**
 * How much of an unread body is still accepted, in bytes and in milliseconds, so that its
 * connection can be reused. After that the connection is closed.
 */
export const UNREAD_BODY = { size: 4_096, time: 1_000 };

/**
 * Sends a request and reads the answer up to `limit`, rounded up to whole chunks. Follows no
 * redirect.
 *
 * @throws {DeliveryFailure} Retriable if the client can't be reached; not retriable if nothing may
 * be sent to its address.
 * @throws The reason of `signal`, if it fires before the status is known. Later it only stops the
 * reading: the status decides, and a body that ends early or never ends doesn't change the outcome.
 */
export type Transport = (
  url: URL,
  request: HttpRequest,
  limit: BodyLimit,
  signal: AbortSignal,
) => Promise<HttpResponse>;

/** The answer to a request. */
export interface Answer extends Pick<HttpResponse, "status" | "text" | "end"> {
  /** In seconds; only with the statuses for which RFC 9110 and RFC 6585 define it. */
  retryAfter: number | undefined;
}

/** In seconds. A client that requests a wait of more than a day is tried again after a day. */
const LONGEST_RETRY_AFTER = 86_400;

/**
 * Sends a request with this transport.
 *
 * @throws {DeliveryFailure} The error of the transport, or the client redirects (not retriable).
 * @throws The reason of `signal`, if it fires before the status is known.
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
    throw new DeliveryFailure(`\`${url.host}\` redirects, which is not followed`, {
      status: status || undefined,
    });
  }
  return { status, text, end, retryAfter: retryAfterOf(status, retryAfter?.trim()) };
}

/**
 * Seconds or a date (RFC 9110, section 10.2.3). Defined for 503 there, and for 429 in RFC 6585,
 * section 4.
 */
function retryAfterOf(status: number, value: string | undefined): number | undefined {
  if (value === undefined || (status !== 429 && status !== 503)) {
    return undefined;
  }
  const seconds = /^\d+$/.test(value) ? Number(value) : secondsUntil(value);
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER);
}

/**
 * All three forms of HTTP-date begin with the day of the week; the oldest omits `GMT` (RFC 9110,
 * section 5.6.7).
 */
function secondsUntil(date: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(date)) {
    return undefined;
  }
  const time = Date.parse(date.endsWith("GMT") ? date : `${date} GMT`);
  return Number.isNaN(time) ? undefined : Math.ceil((time - Date.now()) / 1000);
}
