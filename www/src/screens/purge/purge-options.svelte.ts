/**
 * The options of a purge, which are the same as in the end dialog.
 *
 * @module
 */

import { connection } from "../../state/connection.svelte";
import { DEFAULT_OPTIONS, type EndOptions, type Scope, scopeOf } from "../ending/removal-body";

export class PurgeOptions {
  readonly options = $state<EndOptions>({ ...DEFAULT_OPTIONS });
  #clients = $state.raw<readonly string[]>([]);

  /** Continues with saved options. */
  constructor(saved?: EndOptions) {
    if (saved !== undefined) Object.assign(this.options, saved);
  }

  /** The clients that can be chosen: those of the preview, and those that the user added. */
  get clients(): readonly string[] {
    return [...new Set([...this.#clients, ...this.options.clientIds])];
  }

  addClient(clientId: string): void {
    this.#clients = [...new Set([...this.#clients, clientId])];
  }

  addClients(clientIds: readonly string[]): void {
    this.#clients = [...new Set([...this.#clients, ...clientIds])].sort();
  }

  /** Whether the caller has a session, which is kept unless it is included. */
  get hasOwn(): boolean {
    return connection.me.sessionId !== undefined;
  }

  get endsOwn(): boolean {
    return this.hasOwn && this.options.endsSessions && !this.options.keepsOwn;
  }

  get lacksReason(): boolean {
    return connection.me.requireReason && this.options.reason.trim() === "";
  }

  /** Whether the user limited the clients, but chose none. */
  get lacksClients(): boolean {
    return this.options.isLimited && this.options.clientIds.length === 0;
  }

  /** Whether a call would do anything. A purge keeps consents. */
  get doesAnything(): boolean {
    const { endsSessions, revokesTokens, notifies } = this.options;
    return endsSessions || revokesTokens || notifies;
  }

  /** The members of the call. A change of them needs a new preview. */
  get scope(): Scope & { includeOwn?: true } {
    const includesOwn = this.hasOwn && !this.options.keepsOwn;
    return { ...scopeOf(this.options), ...(includesOwn && { includeOwn: true }) };
  }
}
