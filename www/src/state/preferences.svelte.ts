/**
 * The user's preferences for this browser. They are kept in `localStorage` where that is allowed.
 *
 * @module
 */

/** The colours: those of the system, or one of the two themes. */
export type Theme = "system" | "light" | "dark";

interface Saved {
  theme: Theme;
  /** Show times in UTC instead of the zone of this browser. */
  isUtc: boolean;
  /** The ids of the columns of sessions, in order; absent: the default ones. */
  columns?: string[];
  pageSize: number;
}

const KEY = "rollcall-console";
const DEFAULTS: Saved = { theme: "system", isUtc: false, pageSize: 25 };

class Preferences {
  #saved = $state<Saved>({ ...DEFAULTS, ...read() });

  get theme(): Theme {
    return this.#saved.theme;
  }
  set theme(theme: Theme) {
    this.#change({ theme });
    this.applyTheme();
  }

  get isUtc(): boolean {
    return this.#saved.isUtc;
  }
  set isUtc(isUtc: boolean) {
    this.#change({ isUtc });
  }

  get pageSize(): number {
    return this.#saved.pageSize;
  }
  set pageSize(pageSize: number) {
    this.#change({ pageSize });
  }

  get columns(): readonly string[] | undefined {
    return this.#saved.columns;
  }
  set columns(columns: readonly string[] | undefined) {
    const { columns: _, ...rest } = this.#saved;
    this.#saved = columns === undefined ? rest : { ...rest, columns: [...columns] };
    write(this.#saved);
  }

  /** Shows the theme. `styles/tokens.css` has the colours. */
  applyTheme(): void {
    const { dataset } = document.documentElement;
    if (this.theme === "system") delete dataset.theme;
    else dataset.theme = this.theme;
  }

  #change(change: Partial<Saved>): void {
    this.#saved = { ...this.#saved, ...change };
    write(this.#saved);
  }
}

/** The saved preferences. Invalid members are ignored. */
function read(): Partial<Saved> {
  const { theme, isUtc, columns, pageSize } = Object(parsed());
  return {
    ...((theme === "light" || theme === "dark") && { theme }),
    ...(typeof isUtc === "boolean" && { isUtc }),
    ...(isStrings(columns) && { columns }),
    ...([25, 50, 100, 250].includes(pageSize) && { pageSize }),
  };
}

function parsed(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    // Storage is forbidden, or the value is damaged: use the defaults.
    return {};
  }
}

function write(saved: Saved): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(saved));
  } catch {
    // Storage is full or forbidden: the choice holds until the page is closed.
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** The preferences of this browser. */
export const preferences = new Preferences();
