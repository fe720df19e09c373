/**
 * The client of the admin API. With a server, requests go over the network; in the browser mode,
 * the admin API in the page answers them.
 *
 * @module
 */

import { Failure, failureOf } from "./failure";
import type {
  Deliveries,
  Me,
  Page,
  PurgeBody,
  PurgePreview,
  PurgeReport,
  RemovalBody,
  RemovalReport,
  Session,
  SessionQuery,
  Stats,
} from "./types";

/** Sends a request to the admin API. */
export type Transport = (request: Request) => Promise<Response>;

/** The filters of `GET /v1/deliveries`. */
export interface DeliveryFilter {
  state?: "pending" | "failed" | "delivered";
  subjectId?: string;
  sessionId?: string;
  clientId?: string;
  after?: string;
  limit?: number;
}

/** Calls the admin API. Each method rejects with a {@link Failure}. */
export class Api {
  readonly #base: string;
  readonly #transport: Transport;
  /** An access token that the user pasted. It's only kept in memory. */
  token: string | undefined;

  /** @param base the address above `v1/`, with a slash at its end */
  constructor(base: string, transport: Transport) {
    this.#base = base;
    this.#transport = transport;
  }

  me(signal?: AbortSignal): Promise<Me> {
    return this.#get("me", {}, signal);
  }

  /** Reads a page of sessions. The filter is in the body, so access logs don't contain names. */
  sessions(query: SessionQuery, signal?: AbortSignal): Promise<Page> {
    return this.#post("sessions/query", query, signal);
  }

  session(
    { sessionId, subjectId }: { sessionId: string; subjectId?: string | undefined },
    signal?: AbortSignal,
  ): Promise<Session> {
    return this.#get(`sessions/${encodeURIComponent(sessionId)}`, { subjectId }, signal);
  }

  /** Ends sessions. With `dryRun`, it only reports the effects. */
  remove(body: RemovalBody, signal?: AbortSignal): Promise<RemovalReport> {
    return this.#post("sessions/remove", body, signal);
  }

  previewPurge(body: PurgeBody, signal?: AbortSignal): Promise<PurgePreview> {
    return this.#post("sessions/purge", body, signal);
  }

  /** Ends one batch. `confirmToken` comes from the preview or the previous batch. */
  purge(body: PurgeBody & { confirmToken: string }, signal?: AbortSignal): Promise<PurgeReport> {
    return this.#post("sessions/purge", body, signal);
  }

  deliveries(filter: DeliveryFilter, signal?: AbortSignal): Promise<Deliveries> {
    return this.#get("deliveries", { ...filter }, signal);
  }

  retry(id: string, signal?: AbortSignal): Promise<{ retried: boolean }> {
    return this.#post(`deliveries/${encodeURIComponent(id)}/retry`, undefined, signal);
  }

  stats(hours: number, signal?: AbortSignal): Promise<Stats> {
    return this.#get("stats", { hours }, signal);
  }

  /** Opens the stream of events, after the event with the id `after`. */
  async events(after: string | undefined, signal: AbortSignal): Promise<Response> {
    const request = this.#request("events", { lastEventId: after }, { signal });
    request.headers.set("accept", "text/event-stream");
    const response = await this.#send(request);
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      throw new Failure("no_api", "the answer isn't an event stream");
    }
    return response;
  }

  #get<Answer>(
    path: string,
    parameters: Record<string, string | number | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    return this.#answer(this.#request(path, parameters, signal === undefined ? {} : { signal }));
  }

  #post<Answer>(path: string, body: unknown, signal: AbortSignal | undefined): Promise<Answer> {
    const init: RequestInit = { method: "POST", ...(signal !== undefined && { signal }) };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { "content-type": "application/json" };
    }
    return this.#answer(this.#request(path, {}, init));
  }

  #request(
    path: string,
    parameters: Record<string, string | number | undefined>,
    init: RequestInit,
  ): Request {
    const url = new URL(`v1/${path}`, this.#base);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const request = new Request(url, { ...init, cache: "no-store" });
    if (this.token !== undefined) request.headers.set("authorization", `Bearer ${this.token}`);
    return request;
  }

  async #send(request: Request): Promise<Response> {
    let response: Response;
    try {
      response = await this.#transport(request);
    } catch (cause) {
      throw new Failure("offline", "no answer arrived", { cause });
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  async #answer<Answer>(request: Request): Promise<Answer> {
    const response = await this.#send(request);
    const { status } = response;
    if (!response.headers.get("content-type")?.startsWith("application/json")) {
      throw new Failure("no_api", "the answer isn't JSON", { status });
    }
    try {
      return await response.json();
    } catch (cause) {
      throw new Failure("offline", "the answer is incomplete", { status, cause });
    }
  }
}
