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

  constructor() {
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
    history.replaceState(null, "", hash);
    this.#read();
  }

  #read(): void {
    this.#current = parseHash(location.hash);
  }
}

/** The address of this page. */
export const address = new CurrentAddress();
