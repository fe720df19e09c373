/**
 * A Lua script. All reads and writes of the stores are scripts.
 *
 * @module
 */

import { withoutValues } from "../stores/driver-error-values.js";
import type { RedisSend } from "./client.js";

/** A script in parts; each part may use definitions of the parts before it. */
export class Script {
  readonly #text: string;
  #digest: string | undefined;

  constructor(...parts: readonly string[]) {
    this.#text = parts.join("");
  }

  /**
   * Runs the script on the keys that begin with `root`. The result is a list, whose items are
   * converted to strings.
   */
  async run(send: RedisSend, root: string, args: readonly string[]): Promise<string[]> {
    this.#digest ??= await sha1(this.#text);
    const reply = await this.#send(send, root, this.#digest, ["1", root, ...args]);
    // A client may be configured to return buffers, or numbers as strings.
    return Array.isArray(reply) ? reply.map(String) : [];
  }

  async #send(
    send: RedisSend,
    root: string,
    digest: string,
    args: readonly string[],
  ): Promise<unknown> {
    try {
      return await send(root, ["EVALSHA", digest, ...args]);
    } catch (error) {
      if (!isUnknownScript(error)) {
        throw withoutValues(error);
      }
    }
    try {
      return await send(root, ["EVAL", this.#text, ...args]);
    } catch (error) {
      throw withoutValues(error);
    }
  }
}

/**
 * Whether the server doesn't have the script, for example after a restart. In that case it did
 * nothing.
 */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
