// @ts-check
// Node.js: sends requests with `node:http` and `node:https`. Their `lookup` option decides which
// address is connected to, so a private address is refused even if the name resolved to a public
// one before (DNS rebinding). They are also faster than `fetch`: `benches/rows/deliveries.mjs`.

/** @import { LookupFunction } from "node:net" */
/** @import { AgentOptions } from "node:https" */
/** @import { ClientRequest, IncomingMessage } from "node:http" */
/** @import { AddressPolicy } from "../logout/private-addresses.js" */
/**
 * @import { BodyLimit, HttpRequest, HttpResponse, Transport } from "../logout/client-request.js"
 */
/** @import { Socket } from "node:net" */

import dns from "node:dns";
import http from "node:http";
import https from "node:https";
import { invalidArgument } from "../errors.js";
import { UNREAD_BODY } from "../logout/client-request.js";
import { DeliveryFailure, describe } from "../logout/delivery-failure.js";
import { isPublicAddress } from "../logout/private-addresses.js";

/**
 * How long an idle connection is kept for the next request, in milliseconds. Many servers close
 * theirs after five seconds; ours must close first, or a request could hit a closing connection.
 */
const IDLE = 4_000;

/**
 * A transport that uses Node's own HTTP clients.
 *
 * The agents connect to a proxy without `lookup`, and to everything else with it. A host in
 * `NO_PROXY` is therefore checked as if there were no proxy.
 *
 * @param {AddressPolicy} policy
 * @param {boolean} usesProxy whether to use the proxies that the environment names
 * @returns {Transport}
 */
export function hostTransport({ privateAddresses }, usesProxy) {
  const options = {
    ...(!privateAddresses && { lookup: lookupPublic }),
    ...(usesProxy && { proxyEnv: proxyVariables() }),
  };
  const kept = agents({ ...options, keepAlive: true, timeout: IDLE });
  const fresh = agents(options);
  return async (url, request, limit, signal) => {
    signal.throwIfAborted();
    try {
      return await exchange(url, request, kept, limit, signal).catch((thrown) => {
        // The server had closed the connection before it got the request. Without an outbox,
        // nothing else would repeat it.
        if (!(thrown instanceof StaleConnection) || signal.aborted) throw thrown;
        return exchange(url, request, fresh, limit, signal);
      });
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof DeliveryFailure) throw thrown;
      throw new DeliveryFailure(`cannot reach \`${url.host}\`: ${describe(thrown)}`, {
        retry: true,
      });
    }
  };
}

/** A reused connection broke before the first byte of an answer. */
class StaleConnection extends Error {}

/**
 * Sends a request with one of these agents and reads the answer.
 *
 * @param {URL} url
 * @param {HttpRequest} request
 * @param {[http.Agent, https.Agent]} agents
 * @param {BodyLimit} limit
 * @param {AbortSignal} signal
 * @returns {Promise<HttpResponse>}
 */
async function exchange(url, { method, headers, body }, [plain, secure], limit, signal) {
  const options = { method, headers };
  const request =
    url.protocol === "https:"
      ? https.request(url, { ...options, agent: secure })
      : http.request(url, { ...options, agent: plain });
  const abort = () => request.destroy();
  signal.addEventListener("abort", abort);
  try {
    return await read(await answerTo(request.end(body)), limit);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Waits for the head of the answer.
 *
 * @param {ClientRequest} request
 * @returns {Promise<IncomingMessage>}
 */
function answerTo(request) {
  return new Promise((resolve, reject) => {
    /** @type {Socket | undefined} */
    let connection;
    let readBefore = 0;
    request.on("socket", (socket) => {
      connection = socket;
      readBefore = socket.bytesRead;
    });
    request.on("response", resolve);
    // Stays registered until the end: an unhandled `error` event would end the process.
    request.on("error", (error) => {
      const isStale = request.reusedSocket && connection?.bytesRead === readBefore;
      reject(isStale ? new StaleConnection(error.message, { cause: error.cause }) : error);
    });
    // We didn't ask for an upgrade, and the agent no longer manages this socket.
    request.on("upgrade", (_, socket) => {
      socket.destroy();
      reject(new Error("the client switched the protocol"));
    });
    request.on("close", () => reject(new Error("the connection was closed without an answer")));
  });
}

/**
 * @param {AgentOptions} options
 * @returns {[http.Agent, https.Agent]}
 */
function agents(options) {
  try {
    return [new http.Agent(options), new https.Agent(options)];
  } catch {
    // Node's own error contains the proxy's password.
    throw invalidArgument("`proxy`: `HTTPS_PROXY` and `HTTP_PROXY` must be the URLs of proxies");
  }
}

/** The environment, on a version of Node whose agents support proxies. */
function proxyVariables() {
  if (!process.allowedNodeEnvironmentFlags.has("--use-env-proxy")) {
    throw invalidArgument("`proxy` needs Node 22.21, 24.5 or later: pass a `fetch` instead");
  }
  return process.env;
}

/**
 * Looks a name up as Node does, and fails unless all of its addresses are public.
 *
 * @type {LookupFunction}
 */
function lookupPublic(hostname, options, done) {
  dns.lookup(hostname, options, (error, found, family) => {
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
    const refused = error ? undefined : addresses.find((address) => !isPublicAddress(address));
    const message = `\`${hostname}\` is at \`${refused}\`, which is not a public address`;
    done(refused === undefined ? error : new DeliveryFailure(message), found, family);
  });
}

/**
 * Reads the answer up to its end, the limit or a lost connection.
 *
 * @param {IncomingMessage} response
 * @param {BodyLimit} limit
 * @returns {Promise<HttpResponse>}
 */
function read(response, limit) {
  const { statusCode: status = 0, headers } = response;
  const wanted = limit(status);
  const most = wanted || UNREAD_BODY.size;
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  return new Promise((resolve) => {
    /** @param {HttpResponse["end"]} end */
    const finish = (end) => {
      const text =
        size === 0 ? "" : new TextDecoder().decode(Buffer.concat(chunks).subarray(0, most));
      resolve({
        status,
        isRedirect: status >= 300 && status < 400,
        retryAfter: headers["retry-after"],
        text,
        end,
      });
    };
    response.on("data", (/** @type {Buffer} */ chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= most) {
        finish("limit");
        response.destroy();
      }
    });
    response.on("end", () => finish("complete"));
    response.on("error", () => finish("broken"));
    response.on("close", () => finish("broken"));
    if (wanted === 0) {
      finish("limit");
      const timer = setTimeout(() => response.destroy(), UNREAD_BODY.time).unref();
      response.on("close", () => clearTimeout(timer));
    }
  });
}
