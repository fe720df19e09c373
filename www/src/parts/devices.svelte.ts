/**
 * Browsers and systems, from user agents. The parser is loaded for the first user agent.
 *
 * @module
 */

import type { Detail } from "./device-name";

type Parse = (userAgent: string, detail: Detail) => string;

const MOST_KEPT = 1_000;

class Devices {
  #parse = $state.raw<Parse>();
  #isRequested = false;
  readonly #kept = new Map<string, string>();

  /** A device such as `Chrome 140 on Windows`. It is blank until the parser is loaded. */
  describe(userAgent: string, detail: Detail = "short"): string {
    const parse = this.#parse;
    if (parse === undefined) {
      this.#load();
      return "";
    }
    const key = `${detail} ${userAgent}`;
    let text = this.#kept.get(key);
    if (text === undefined) {
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      text = parse(userAgent, detail);
      this.#kept.set(key, text);
    }
    return text;
  }

  async #load(): Promise<void> {
    if (this.#isRequested) return;
    this.#isRequested = true;
    try {
      const { deviceName } = await import("./device-name");
      this.#parse = deviceName;
    } catch {
      // The chunk can't be loaded, for example after an update of the console: show raw values.
      this.#parse = (userAgent) => userAgent;
    }
  }
}

/** The devices of this page. */
export const devices = new Devices();
