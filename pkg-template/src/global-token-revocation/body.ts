/**
 * Reads the body of a request.
 *
 * @module
 */
import { type BodyFault, jsonBody } from "../request-body.js";
import { malformed, Refusal } from "./refusal.js";

/** The longest body, in bytes. A subject identifier has a few hundred. */
const BODY_LIMIT = 16_384;

/**
 * The parsed JSON of the body, unchecked.
 *
 * @throws {Refusal} 415 for a media type other than `application/json` (section 3.1), 413 for more
 * than 16 KiB, 400 for malformed JSON.
 */
export function bodyOf(request: Request): Promise<unknown> {
  return jsonBody(request, BODY_LIMIT, refusalOf);
}

function refusalOf(fault: BodyFault): Refusal {
  switch (fault) {
    case "not_json":
      return new Refusal(415, "unsupported_media_type", "send `application/json`");
    case "too_large":
      return new Refusal(
        413,
        "content_too_large",
        `the body must have at most ${BODY_LIMIT} bytes`,
      );
    case "broken_off":
      return malformed("the body ended early");
    case "invalid_json":
      return malformed("the body must be JSON, in UTF-8");
  }
}
