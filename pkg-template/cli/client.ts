/**
 * Calls of the admin API.
 *
 * @module
 */

import type { ProblemDocument } from "../src/http/shapes.js";
import { codeOf, EXIT, type ExitStatus, Failure, messageOf } from "./failure.js";
import { safe } from "./text.js";

/** An API. */
export interface Connection {
  /** The mount point: routes follow, from `/v1` on. */
  base: string;
  fetch: (request: Request) => Promise<Response>;
  headers: Readonly<Record<string, string>>;
  /** Whether it is a database alone, with no clients to notify. */
  isDatabase: boolean;
  /** Waits for what goes on after the answers. */
  settle: () => Promise<void>;
}

/** Calls one API. */
export class Client {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** What a route answers with. Parameters that are `undefined` are left out. */
  async get<Answer>(
    path: string,
    parameters: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Answer> {
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => {
      return entry[1] !== undefined;
    });
    const search = new URLSearchParams(given).toString();
    const request = this.request("GET", search === "" ? path : `${path}?${search}`);
    return await answerOf<Answer>(await this.send(request));
  }

  /** What a route answers with. */
  async post<Answer>(path: string, body?: object): Promise<Answer> {
    return await answerOf<Answer>(await this.send(this.request("POST", path, body)));
  }

  request(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Request {
    return new Request(`${this.connection.base}${path}`, {
      method,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...this.connection.headers,
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /**
   * The answer, if it is a good one.
   *
   * @throws {Failure}
   */
  async send(request: Request): Promise<Response> {
    const response = await this.connection.fetch(request).catch((error: unknown) => {
      throw error instanceof Failure ? error : unreachable(request, error);
    });
    if (response.ok) return response;
    throw await refusal(request, response);
  }
}

/** A failure of the network, whose reason `fetch` hides in `cause`. */
function unreachable(request: Request, error: unknown): Failure {
  const { cause = error } = Object(error) as { cause?: unknown };
  const reason = messageOf(cause) || (codeOf(cause) ?? messageOf(error));
  const place = new URL(request.url).origin;
  return new Failure(EXIT.failed, `\`${place}\` can't be reached: ${safe(reason)}`, { cause });
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch (cause) {
    throw new Failure(EXIT.failed, `${NO_API}: it answered with something else than JSON`, {
      cause,
    });
  }
}

const NO_API = "there is no admin API here: give its mount point by `--url`";

/** The failure that an answer stands for. */
async function refusal(request: Request, response: Response): Promise<Failure> {
  const { status } = response;
  if (status >= 300 && status < 400) {
    const location = safe(response.headers.get("location") ?? "another place");
    const reason = "redirects aren't followed, because the token would go along";
    return new Failure(EXIT.failed, `the API redirects to \`${location}\`: ${reason}`);
  }
  const problem = await problemOf(response);
  if (problem !== undefined) {
    return new Failure(STATUS[problem.code] ?? EXIT.failed, sentence(problem), { problem });
  }
  if (status === 401) return new Failure(EXIT.refused, NOT_SIGNED_IN);
  if (status === 403) return new Failure(EXIT.refused, "you are not permitted to do this");
  if (status === 404) return new Failure(EXIT.failed, NO_API);
  const place = new URL(request.url).origin;
  return new Failure(EXIT.failed, `\`${place}\` answered with the status ${status}`);
}

async function problemOf(response: Response): Promise<ProblemDocument | undefined> {
  const value: unknown = await response.json().catch(() => undefined);
  const { code, detail } = Object(value) as Partial<ProblemDocument>;
  const isProblem = typeof code === "string" && typeof detail === "string";
  return isProblem ? (value as ProblemDocument) : undefined;
}

/** By the code of a problem; 1 for all others. */
const STATUS: Readonly<Partial<Record<ProblemDocument["code"], ExitStatus>>> = {
  invalid_argument: EXIT.usage,
  empty_target: EXIT.usage,
  unsupported_filter: EXIT.usage,
  reason_required: EXIT.usage,
  session_ambiguous: EXIT.usage,
  not_signed_in: EXIT.refused,
  step_up_required: EXIT.refused,
  forbidden: EXIT.refused,
  cross_site_request: EXIT.refused,
  session_not_found: EXIT.notFound,
  confirm_token_stale: EXIT.notConfirmed,
};

const NOT_SIGNED_IN =
  "the API doesn't know you: set `ROLLCALL_TOKEN` or give `--token-file`, with a valid token";

/** What went wrong and what to do about it here, where the flags have other names. */
function sentence(problem: ProblemDocument): string {
  switch (problem.code) {
    case "not_signed_in":
      return NOT_SIGNED_IN;
    case "step_up_required":
      return "this needs a recent sign-in: sign in again and take a new token";
    case "reason_required":
      return "this API asks for a reason: give `--reason`";
    case "no_such_route":
      return NO_API;
    case "confirm_token_stale":
      return "the sessions have changed since the preview: run the command again";
    default: {
      const detail = safe(problem.detail).replace(/\.$/, "");
      // The first word may be an acronym.
      return /^\p{Lu}\p{Ll}/u.test(detail) ? detail[0]?.toLowerCase() + detail.slice(1) : detail;
    }
  }
}
