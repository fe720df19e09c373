/**
 * Unexpected errors of the page itself. The user sees all of them.
 *
 * @module
 */

class Faults {
  #hasFault = $state(false);

  constructor() {
    addEventListener("error", ({ error }) => {
      // Chromium reports delayed notifications of a `ResizeObserver` here, without an error.
      if (error instanceof Error) this.#hasFault = true;
    });
    addEventListener("unhandledrejection", () => {
      this.#hasFault = true;
    });
  }

  /** Whether something failed since the notice was dismissed. */
  get hasFault(): boolean {
    return this.#hasFault;
  }

  dismiss(): void {
    this.#hasFault = false;
  }
}

export const faults = new Faults();
