/**
 * Calls of the admin API that failed.
 *
 * @module
 */

import type { ProblemCode, ProblemDocument } from "./types";

/**
 * The code of a failure: a code of the API, `offline` if no answer arrived, or `no_api` if the
 * answer doesn't come from the admin API.
 */
export type FailureCode = ProblemCode | "offline" | "no_api";

/** A call that failed. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  /** The HTTP status; absent if no answer arrived. */
  readonly status: number | undefined;
  /** The malformed parameter or member. */
  readonly parameter: string | undefined;
  /** The address where the user signs in. */
  readonly signIn: string | undefined;

  constructor(
    code: FailureCode,
    detail: string,
    more: { status?: number; problem?: ProblemDocument; cause?: unknown } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.status = more.status;
    this.parameter = more.problem?.parameter;
    this.signIn = more.problem?.signIn;
  }
}

/** Whether the call was aborted by its own signal. */
export function isAborted(thrown: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && !(thrown instanceof Failure && thrown.code !== "offline");
}

/** The failure of a response. */
export async function failureOf(response: Response): Promise<Failure> {
  const { status } = response;
  const document = await problemOf(response);
  if (document === undefined) {
    return new Failure("no_api", `the answer is ${status}, not one of the admin API`, { status });
  }
  return new Failure(document.code, document.detail, { status, problem: document });
}

async function problemOf(response: Response): Promise<ProblemDocument | undefined> {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) {
    return undefined;
  }
  const value: unknown = await response.json().catch(() => undefined);
  return isProblem(value) ? value : undefined;
}

function isProblem(value: unknown): value is ProblemDocument {
  const { code, detail } = Object(value);
  return typeof code === "string" && typeof detail === "string";
}
