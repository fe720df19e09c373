/**
 * Answers that refuse a request. The draft defines the status codes (section 3.4.2) and leaves the
 * bodies open; ours are JSON in the form of OAuth 2.0 (RFC 6749, section 5.2).
 *
 * @module
 */
import { errorCode } from "../core/errors.js";

/** Thrown within the handler only; the caller gets `response()`. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly #status: number;
  readonly #error: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param error a stable word; `description` says what to do. The caller sees both */
  constructor(
    status: number,
    error: string,
    description: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
    this.#status = status;
    this.#error = error;
    this.#headers = headers;
  }

  response(): Response {
    const body = JSON.stringify({ error: this.#error, error_description: this.message });
    const headers = {
      "content-type": "application/json",
      "cache-control": "no-store",
      ...this.#headers,
    };
    return new Response(body, { status: this.#status, headers });
  }
}

/** The request, or its body, is malformed. */
export function malformed(description: string): Refusal {
  return new Refusal(400, "invalid_request", description);
}

/**
 * Makes the refusals that depend on how callers authenticate, and those that the caller didn't
 * cause.
 */
export function refusals(challenge: string | undefined) {
  return {
    /** RFC 6750, section 3.1: without credentials, the challenge has no error code. */
    unauthenticated(request: Request): Refusal {
      const bearer = request.headers.has("authorization")
        ? 'Bearer error="invalid_token"'
        : "Bearer";
      return new Refusal(401, "unauthenticated", "authenticate with valid credentials", {
        "www-authenticate": challenge ?? bearer,
      });
    },

    forbidden(): Refusal {
      const headers =
        challenge === undefined ? { "www-authenticate": 'Bearer error="insufficient_scope"' } : {};
      return new Refusal(403, "forbidden", "these credentials do not allow a revocation", headers);
    },

    /**
     * Reveals nothing internal. If a store failed, a later attempt may succeed, and repeating is
     * safe.
     */
    failed(thrown: unknown): Refusal {
      return errorCode(thrown) === "store_failed"
        ? new Refusal(
            503,
            "temporarily_unavailable",
            "the revocation is incomplete: send the request again later",
          )
        : new Refusal(500, "server_error", "the revocation failed");
    },
  };
}
