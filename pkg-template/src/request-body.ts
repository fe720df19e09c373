/**
 * Reads the JSON body of a request, with a size limit.
 *
 * @module
 */

import { invalidArgument } from "./errors.js";

/** The problem with a body. */
export type BodyFault = "not_json" | "too_large" | "broken_off" | "invalid_json";

/**
 * The parsed JSON of the body, unchecked.
 *
 * @param limit its maximum size in bytes
 * @param fault makes the error to throw: `not_json` for a media type other than `application/json`,
 * `broken_off` if the caller disconnected, `invalid_json` if the body isn't JSON in UTF-8
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
  // On Node, the stream of a body that a parser has read ends at once.
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (bytes.byteLength === 0 && announced > 0) {
    // It also ends at once if the caller has disconnected.
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
    "the body was already read: mount the handler before any body parser, and only read headers in `authorize`",
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
    // The server discards the rest. Cancelling the stream can crash the process on Node
    // (nodejs/node issue 64529).
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
