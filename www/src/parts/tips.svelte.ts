/**
 * The tooltip of the page. One element shows the details of the part that is hovered or focused.
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
