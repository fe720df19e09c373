/**
 * The connection to the admin API, with its user and its capabilities.
 *
 * @module
 */

import { Api, type Transport } from "../api/client";
import { Failure } from "../api/failure";
import type { Me, Permission } from "../api/types";
import { rememberSignIn } from "./sign-in";

/** The `<meta>` with the mount point of the admin API, relative to the page. */
const MOUNT_POINT = "rollcall-api";

export type ConnectionState =
  | { name: "starting" }
  | { name: "ready"; me: Me }
  | { name: "failed"; failure: Failure };

class Connection {
  #state = $state.raw<ConnectionState>({ name: "starting" });
  #api = $state.raw<Api>(new Api(mountPoint(), (request) => fetch(request)));
  #isDemo = $state(false);
  #lapsed = $state.raw<Failure>();
  #isRetrying = $state(false);
  #attempt = 0;

  get state(): ConnectionState {
    return this.#state;
  }

  get api(): Api {
    return this.#api;
  }

  /** Whether the sessions are made up and kept in this browser. */
  get isDemo(): boolean {
    return this.#isDemo;
  }

  /**
   * Why the page is signed out: calls were refused with 401 after the start, or signing in again
   * didn't succeed yet. The screen keeps its contents.
   */
  get lapsed(): Failure | undefined {
    return this.#lapsed;
  }

  /** The address where the admin API is expected. */
  get mountPoint(): string {
    return mountPoint();
  }

  /** Whether an attempt to connect is running. */
  get isRetrying(): boolean {
    return this.#isRetrying;
  }

  /** The caller. Only screens that need a connection use it. */
  get me(): Me {
    if (this.#state.name !== "ready") throw new Error("there is no connection yet");
    return this.#state.me;
  }

  /** The name of an actor, if the API gives it: that of the caller. */
  nameOf(actor: string): string {
    const { actor: own, displayName } = this.me;
    return actor === own && displayName !== undefined ? displayName : actor;
  }

  /** Whether the caller has the permission. The server decides; the page hides what it refuses. */
  may(permission: Permission): boolean {
    return this.#state.name === "ready" && this.#state.me.permissions.includes(permission);
  }

  /** Connects to the admin API of the server, or starts the one of the browser mode. */
  async start(): Promise<void> {
    const wanted = new URLSearchParams(location.search).has("demo");
    if (wanted) return this.#startDemo();
    await this.#introduce();
    // Static files without an admin API next to them show the demonstration.
    const { state } = this;
    const isMissing = state.name === "failed" && state.failure.code === "no_api";
    if (isMissing && state.failure.status === 404) await this.#startDemo();
  }

  /** Tries again after a failure, for example with an access token. */
  async retry(token?: string): Promise<void> {
    if (token !== undefined) this.#api.token = token;
    await this.#introduce();
  }

  /** Shows that a call was refused because the sign-in isn't valid any more. */
  noteRefusal(failure: Failure): void {
    if (failure.code !== "not_signed_in" || this.#lapsed !== undefined) return;
    rememberSignIn(failure);
    this.#lapsed = failure;
  }

  async #introduce(): Promise<void> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#isRetrying = true;
    try {
      const me = await this.#api.me();
      if (attempt !== this.#attempt) return;
      this.#state = { name: "ready", me };
      this.#lapsed = undefined;
    } catch (thrown) {
      if (attempt !== this.#attempt) return;
      if (!(thrown instanceof Failure)) throw thrown;
      rememberSignIn(thrown);
      // The screen keeps its contents until the user is signed in again.
      if (this.#state.name === "ready") this.#lapsed = thrown;
      else this.#state = { name: "failed", failure: thrown };
    } finally {
      if (attempt === this.#attempt) this.#isRetrying = false;
    }
  }

  async #startDemo(): Promise<void> {
    const { startDemo } = await import("../demo");
    const transport: Transport = await startDemo(new URLSearchParams(location.search));
    this.#isDemo = true;
    this.#api = new Api(mountPoint(), transport);
    await this.#introduce();
  }
}

function mountPoint(): string {
  const meta = document.querySelector<HTMLMetaElement>(`meta[name="${MOUNT_POINT}"]`);
  const path = meta?.content ?? "api/";
  return new URL(path.endsWith("/") ? path : `${path}/`, document.baseURI).href;
}

/** The connection of this page. */
export const connection = new Connection();
