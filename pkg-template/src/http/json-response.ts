/**
 * The answers in JSON.
 *
 * @module
 */

/** An answer with a value as JSON. `Response.json` takes longer: Node copies the bytes it makes. */
export function jsonResponse(value: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    headers: { "content-type": "application/json", ...headers },
  });
}
