/**
 * Sentences for screen readers: results and reports.
 *
 * @module
 */

class Announcer {
  #text = $state("");

  get text(): string {
    return this.#text;
  }

  /** Announces a sentence, even if it's the same as the last one. */
  say(text: string): void {
    this.#text = text === this.#text ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
