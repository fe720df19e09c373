/**
 * Reads the body of a request: JSON, of bounded size.
 *
 * @module
 */
import { invalidArgument } from "../errors.js";
import { malformed, Refusal } from "./refusal.js";

/** The longest body, in bytes. A subject identifier has some hundred. */
const BODY_LIMIT = 16_384;

/**
 * The JSON of the body, of which nothing is known.
 *
 * @throws {Refusal} 415 for another media type than `application/json` (section 3.1), 413 for more
 * than 16 KiB, 400 for what is no JSON.
 */
export async function bodyOf(request: Request): Promise<unknown> {
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new Refusal(415, "unsupported_media_type", "send `application/json`");
  }
  if (request.bodyUsed) {
    throw invalidArgument(
      "the body was read before: mount the handler ahead of what parses bodies, and let `authorize` read headers alone",
    );
  }
  const bytes = await read(request.body);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("the body must be JSON, in UTF-8");
  }
}

async function read(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const bytes = new Uint8Array(BODY_LIMIT);
  const reader = body?.getReader();
  let size = 0;
  for (;;) {
    const chunk = await reader?.read().catch(() => {
      throw malformed("the body broke off");
    });
    if (chunk?.value === undefined) {
      return bytes.subarray(0, size);
    }
    if (size + chunk.value.byteLength > BODY_LIMIT) {
      // The rest is left to the server. Cancelled, it can end the process on Node (nodejs/node
      // issue 64529).
      throw new Refusal(413, "content_too_large", `the body must have at most ${BODY_LIMIT} bytes`);
    }
    bytes.set(chunk.value, size);
    size += chunk.value.byteLength;
  }
}
