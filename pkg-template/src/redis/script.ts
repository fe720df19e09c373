/**
 * A Lua script: the one way in which the stores read and write.
 *
 * @module
 */

import { withoutValues } from "../stores/values-in-errors.js";
import type { RedisSend } from "./client.js";

/** A script in parts; a part may use what those before it define. */
export class Script {
  readonly #text: string;
  #digest: string | undefined;

  constructor(...parts: readonly string[]) {
    this.#text = parts.join("");
  }

  /**
   * Runs it on the keys that begin with `root`. What it returns is a list, of which every item is
   * given as a text.
   */
  async run(send: RedisSend, root: string, args: readonly string[]): Promise<string[]> {
    this.#digest ??= await sha1(this.#text);
    const reply = await this.#send(send, root, this.#digest, ["1", root, ...args]);
    // A client may be set up to give buffers, or numbers as texts.
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

/** Whether the server has not seen the script since it was started. It did nothing then. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
