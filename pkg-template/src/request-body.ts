/**
 * Reads the body of a request: JSON, of bounded size.
 *
 * @module
 */

import { invalidArgument } from "./errors.js";

/** The fault of a body. */
export type BodyFault = "not_json" | "too_large" | "broken_off" | "invalid_json";

/**
 * The JSON of the body, of which nothing is known.
 *
 * @param limit how many bytes it may have
 * @param fault makes the error that is thrown: `not_json` for another media type than
 *   `application/json`, `broken_off` for a caller that leaves, `invalid_json` for a body that isn't
 *   JSON in UTF-8
 * @throws {RollcallError} `invalid_argument` if something else has read the body
 */
export async function jsonBody(
  request: Request,
  limit: number,
  fault: (fault: BodyFault) => Error,
): Promise<unknown> {
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") throw fault("not_json");
  if (request.bodyUsed) throw readBefore();
  const bytes = await read(request.body, limit, fault);
  // Node's stream of a body that a parser has read ends at once.
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (bytes.byteLength === 0 && announced > 0) {
    // It also does so if the caller has closed the connection.
    throw request.signal.aborted ? fault("broken_off") : readBefore();
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw fault("invalid_json");
  }
}

function readBefore(): Error {
  return invalidArgument(
    "the body was read before: mount the handler ahead of what parses bodies, and let `authorize` read headers alone",
  );
}

async function read(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  fault: (fault: BodyFault) => Error,
): Promise<Uint8Array> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const chunk = await reader?.read().catch(() => {
      throw fault("broken_off");
    });
    if (chunk?.value === undefined) break;
    size += chunk.value.byteLength;
    // The rest is left to the server. Cancelled, it can end the process on Node (nodejs/node issue
    // 64529).
    if (size > limit) throw fault("too_large");
    chunks.push(chunk.value);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
