/**
 * Sends requests with `fetch`: the host's own, or an injected one.
 *
 * @module
 */
import { invalidArgument } from "../errors.js";
import { untilAborted } from "./attempt.js";
import { type HttpResponse, type Transport, UNREAD_BODY } from "./client-request.js";
import { DeliveryFailure, describe } from "./delivery-failure.js";
import type { AddressPolicy } from "./private-addresses.js";

/** The part of `fetch` that the sender uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A transport that uses this `fetch`. */
export function fetchTransport(fetch: Fetch): Transport {
  return async (url, request, limit, signal) => {
    const response = await send(fetch, url, {
      ...request,
      ...anonymous(),
      redirect: "manual",
      signal,
    });
    const { status, type } = response;
    const wanted = limit(status);
    return {
      status,
      // Browsers hide a redirect behind status 0; other hosts show it.
      isRedirect: type === "opaqueredirect" || (status >= 300 && status < 400),
      retryAfter: response.headers.get("retry-after") ?? undefined,
      ...(wanted === 0 ? discardBody(response) : await read(response, wanted, signal)),
    };
  };
}

/**
 * A transport that uses the host's own `fetch`. Node has another one: `entry/node-transport.js`.
 *
 * @param usesProxy whether to use the proxies that the environment names
 * @throws {RollcallError} `invalid_argument` if the host doesn't support that
 */
export function hostTransport(_policy: AddressPolicy, usesProxy: boolean): Transport {
  if (usesProxy) {
    throw invalidArgument("`proxy` works on Node only: leave it out, or pass a `fetch`");
  }
  return fetchTransport(globalThis.fetch);
}

async function send(
  fetch: Fetch,
  url: URL,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  try {
    return await untilAborted(init.signal, fetch(url.href, init));
  } catch (thrown) {
    init.signal.throwIfAborted();
    throw new DeliveryFailure(`cannot reach \`${url.host}\`: ${describe(thrown)}`, { retry: true });
  }
}

/**
 * Cloudflare Workers, which have neither cookies nor a referrer, reject these options instead of
 * ignoring them.
 */
function anonymous(): RequestInit {
  return "credentials" in Request.prototype
    ? { credentials: "omit", referrerPolicy: "no-referrer" }
    : {};
}

/** Discards the rest of a body, within limits and without waiting for it. */
function discardBody(response: Response): Pick<HttpResponse, "text" | "end"> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), UNREAD_BODY.time);
  read(response, UNREAD_BODY.size, stop.signal)
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
  return { text: "", end: "limit" };
}

async function read(
  response: Response,
  limit: number,
  signal: AbortSignal,
): Promise<Pick<HttpResponse, "text" | "end">> {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    return { text: "", end: "complete" };
  }
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  let end: HttpResponse["end"] = "limit";
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
    end = "broken";
  }
  // It doesn't matter whether the other side notices.
  reader.cancel().catch(() => undefined);
  return { text, end };
}
