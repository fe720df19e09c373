/**
 * The address of the current view. It's in the hash, such as `#/sessions?search=Bob`, so that the
 * console works under any path, and logs and `Referer` don't contain names.
 *
 * @module
 */

/** An address: the screen, the parts of the path after it, and the query. */
export interface Address {
  screen: string;
  path: readonly string[];
  query: URLSearchParams;
}

/** The address in a hash such as `#/sessions/abc?subjectId=1`. */
export function parseHash(hash: string): Address {
  const [path = "", query = ""] = splitOnce(hash.replace(/^#?\/?/, ""), "?");
  const [screen = "", ...rest] = path
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  return { screen, path: rest, query: new URLSearchParams(query) };
}

/** The hash of an address. Blank parameters are left out. */
export function hashOf(
  path: readonly string[],
  query: Record<string, string | undefined> | URLSearchParams = {},
): string {
  const parameters = new URLSearchParams();
  const entries = query instanceof URLSearchParams ? [...query] : Object.entries(query);
  for (const [name, value] of entries) {
    if (value !== undefined && value !== "") parameters.append(name, value);
  }
  const search = parameters.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${search === "" ? "" : `?${search}`}`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + separator.length)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Keep a `%` that doesn't start an escape.
    return part;
  }
}

class CurrentAddress {
  #current = $state.raw<Address>(parseHash(location.hash));
  /** The hashes of the entries in the history that this page has seen, by their place. */
  readonly #hashes: string[] = [];
  #place = 0;
  #isGoing = false;

  constructor() {
    this.#note();
    addEventListener("hashchange", () => this.#read());
    addEventListener("popstate", () => this.#read());
  }

  get current(): Address {
    return this.#current;
  }

  /** Goes to an address. Back returns from it. */
  go(hash: string): void {
    if (hash === location.hash) return;
    history.pushState(null, "", hash);
    this.#read();
  }

  /** Corrects the address, without an entry in the history. */
  replace(hash: string): void {
    if (hash === location.hash) return;
    history.replaceState(history.state, "", hash);
    this.#read();
  }

  /**
   * Closes a view that was opened over the address `hash`. Goes back if that's where the user
   * came from, and nothing but views for which `isView` holds is in between. Otherwise it replaces
   * the view, so that Back never opens it again.
   */
  close(hash: string, isView: (address: Address) => boolean): void {
    for (let place = this.#place - 1; place >= 0; place--) {
      const entry = this.#hashes[place];
      if (entry === hash) {
        // A second Escape may arrive before the browser has gone back.
        if (this.#isGoing) return;
        this.#isGoing = true;
        history.go(place - this.#place);
        return;
      }
      if (entry === undefined || !isView(parseHash(entry))) break;
    }
    this.replace(hash);
  }

  /** Notes the place of the entry in the history. A new entry, such as that of a link, has none. */
  #note(): void {
    const state: unknown = history.state;
    if (isPlaced(state)) {
      this.#place = state.place;
    } else {
      this.#place = this.#hashes.length === 0 ? 0 : this.#place + 1;
      history.replaceState({ place: this.#place }, "");
      this.#hashes.length = this.#place;
    }
    this.#hashes[this.#place] = location.hash;
  }

  #read(): void {
    this.#isGoing = false;
    this.#note();
    this.#current = parseHash(location.hash);
  }
}

function isPlaced(state: unknown): state is { place: number } {
  return (
    typeof state === "object" &&
    state !== null &&
    "place" in state &&
    typeof state.place === "number"
  );
}

/** The address of this page. */
export const address = new CurrentAddress();
