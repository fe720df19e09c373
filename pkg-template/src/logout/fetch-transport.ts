/**
 * Requests by `fetch`: for every host, and for whatever `fetch` a host injects.
 *
 * @module
 */
import { invalidArgument } from "../errors.js";
import type { AddressPolicy } from "./address.js";
import { untilAborted } from "./attempt.js";
import { type HttpResponse, type Transport, UNREAD_BODY } from "./http.js";
import { describe, Undelivered } from "./undelivered.js";

/** The part of `fetch` that the sender needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Requests by this `fetch`. */
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
      // Browsers hide a redirect behind status 0; the other hosts show it as it is.
      isRedirect: type === "opaqueredirect" || (status >= 300 && status < 400),
      retryAfter: response.headers.get("retry-after") ?? undefined,
      ...(wanted === 0 ? leave(response) : await read(response, wanted, signal)),
    };
  };
}

/**
 * Requests by the host's own means: here its `fetch`. Node has others: `entry/node-transport.js`.
 *
 * @param usesProxy whether the proxies that the environment names may be used
 * @throws {RollcallError} `invalid_argument` if the host has no such choice
 */
export function hostTransport(_policy: AddressPolicy, usesProxy: boolean): Transport {
  if (usesProxy) {
    throw invalidArgument("`proxy` works on Node only: leave it out, or give a `fetch`");
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
    throw new Undelivered(`cannot reach \`${url.host}\`: ${describe(thrown)}`, { retry: true });
  }
}

/**
 * Cloudflare Workers, which have neither cookies nor a referrer, refuse these options instead of
 * ignoring them.
 */
function anonymous(): RequestInit {
  return "credentials" in Request.prototype
    ? { credentials: "omit", referrerPolicy: "no-referrer" }
    : {};
}

/** Lets the rest of a body come in, within bounds, and waits for none of it. */
function leave(response: Response): Pick<HttpResponse, "text" | "end"> {
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
  // Whether the other side takes notice is of no consequence here.
  reader.cancel().catch(() => undefined);
  return { text, end };
}
