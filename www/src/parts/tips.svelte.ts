/**
 * The tip of the page: one element that shows the longer text of the part under the pointer or with
 * the focus.
 *
 * @module
 */

class Tips {
  #shown = $state.raw<{ text: string; x: number; y: number }>();

  get shown(): { text: string; x: number; y: number } | undefined {
    return this.#shown;
  }

  show(part: HTMLElement, text: string): void {
    const { left, bottom } = part.getBoundingClientRect();
    this.#shown = { text, x: left, y: bottom };
  }

  hide(): void {
    this.#shown = undefined;
  }
}

export const tips = new Tips();
