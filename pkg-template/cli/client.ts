/**
 * Calls of the admin API.
 *
 * @module
 */

import type { Me, Page, ProblemDocument, Stats } from "../src/http/shapes.js";
import { FORMS, hasForm } from "./answers.js";
import { EXIT, type ExitStatus, Failure, reasonOf } from "./failure.js";
import type { Deliveries, PurgePreview, PurgeReport, Report } from "./report.js";
import { safe } from "./text.js";

/** An API. */
export interface Connection {
  /** The mount point: routes follow, from `/v1` on. */
  base: string;
  fetch: (request: Request) => Promise<Response>;
  headers: Readonly<Record<string, string>>;
  /** Whether it is a database alone, with no clients to notify. */
  isDatabase: boolean;
  /** Whether it runs in this process, where events of other processes don't arrive. */
  isInProcess: boolean;
  /** Waits for what goes on after the answers. */
  settle: () => Promise<void>;
}

/** The answers by the names of their forms. */
interface Answers {
  page: Page;
  report: Report;
  purgePreview: PurgePreview;
  purgeReport: PurgeReport;
  deliveries: Deliveries;
  retried: { retried: boolean };
  me: Me;
  stats: Stats;
  openapi: object;
}

/** Calls one API. */
export class Client {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** The answer of a route. Parameters that are `undefined` are left out. */
  async get<Name extends keyof Answers>(
    name: Name,
    path: string,
    parameters: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Answers[Name]> {
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => {
      return entry[1] !== undefined;
    });
    const search = new URLSearchParams(given).toString();
    return await this.#answer(
      name,
      this.request("GET", search === "" ? path : `${path}?${search}`),
    );
  }

  /** The answer of a route. */
  async post<Name extends keyof Answers>(
    name: Name,
    path: string,
    body?: object,
  ): Promise<Answers[Name]> {
    return await this.#answer(name, this.request("POST", path, body));
  }

  async #answer<Name extends keyof Answers>(name: Name, request: Request): Promise<Answers[Name]> {
    const response = await this.send(request);
    const text = await response.text().catch((error: unknown) => {
      throw unreachable(request, error);
    });
    const answer: unknown = parsed(text);
    if (answer === undefined) throw this.noApi(request, "something else than JSON");
    if (!hasForm(answer, FORMS[name])) throw this.noApi(request, "other JSON");
    return answer as Answers[Name];
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
    throw await this.#refusal(request, response);
  }

  /** The failure of a URL where something else answers, with what it answered. */
  noApi(request: Request, answer: string): Failure {
    const base = safe(this.connection.base);
    return new Failure(
      "no_admin_api",
      `there is no admin API at \`${base}\`: \`${placeOf(request)}\` answered with ${answer}; give its mount point by \`--url\``,
    );
  }

  /** The failure that an answer stands for. */
  async #refusal(request: Request, response: Response): Promise<Failure> {
    const { status } = response;
    if (status >= 300 && status < 400) {
      const location = safe(response.headers.get("location") ?? "another place");
      return new Failure(
        "unexpected_answer",
        `\`${placeOf(request)}\` redirects to \`${location}\`: redirects aren't followed, because the token would go along; give the mount point of the API by \`--url\``,
      );
    }
    const problem = await problemOf(response);
    const isRoute = problem?.code !== "no_such_route";
    if (problem !== undefined && isRoute) {
      const own = STATUS[problem.code] ?? EXIT.failed;
      return new Failure("failed", sentence(problem), { problem, status: own });
    }
    if (status === 401) return new Failure("not_signed_in", NOT_SIGNED_IN);
    if (status === 403) return new Failure("forbidden", "you are not permitted to do this");
    if (status < 500) return this.noApi(request, `the status ${status}`);
    return new Failure(
      "unexpected_answer",
      `\`${placeOf(request)}\` answered with the status ${status}`,
    );
  }
}

/** A failure of the network, whose reason `fetch` hides in `cause`. */
function unreachable(request: Request, error: unknown): Failure {
  const { cause = error } = Object(error) as { cause?: unknown };
  const place = new URL(request.url).origin;
  return new Failure("unreachable", `\`${place}\` can't be reached: ${reasonOf(cause)}`, { cause });
}

/** The URL of a request, without the query, which may hold ids. */
function placeOf({ url }: Request): string {
  const { origin, pathname } = new URL(url);
  return safe(origin + pathname);
}

/** The value of JSON, or nothing if it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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

/** The flags by the members and parameters that they stand for. */
const FLAGS: Readonly<Record<string, string>> = {
  sessionId: "the session id",
  subjectId: "`--subject`",
  displayName: "`--name`",
  clientId: "`--client`",
  clientIds: "`--client`",
  ipAddress: "`--ip`",
  exceptSessionIds: "`--except`",
  id: "the id",
  hours: "`--hours`",
  reason: "`--reason`",
  issuer: "`--issuer`",
  search: "`--search`",
};

/** The problem as a sentence that names flags of the command in place of members. */
function sentence(problem: ProblemDocument): string {
  switch (problem.code) {
    case "not_signed_in":
      return NOT_SIGNED_IN;
    case "step_up_required":
      return "this needs a recent sign-in: sign in again and take a new token";
    case "reason_required":
      return "this API asks for a reason: give `--reason`";
    case "confirm_token_stale":
      return "the sessions have changed since the preview: run the command again";
    default: {
      const detail = safe(problem.detail)
        .replace(/\.$/, "")
        .replace(/^`(\w+)`/, (name, member: string) => FLAGS[member] ?? name);
      // The first word may be an acronym.
      return /^\p{Lu}\p{Ll}/u.test(detail) ? detail[0]?.toLowerCase() + detail.slice(1) : detail;
    }
  }
}
