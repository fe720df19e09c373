/**
 * The clients that the console knows, as suggestions for a filter.
 *
 * @module
 */

import { SvelteSet } from "svelte/reactivity";
import type { Session } from "../../api/types";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";

export class KnownClients {
  readonly #ids = new SvelteSet<string>();
  #isRead = false;

  /** In alphabetical order. */
  get ids(): string[] {
    return [...this.#ids].sort();
  }

  /** Adds the clients of sessions. */
  add(sessions: readonly Session[]): void {
    for (const { clientIds } of sessions) {
      for (const clientId of clientIds) this.#ids.add(clientId);
    }
  }

  /** Adds the clients that the API counts sessions of. */
  async read(): Promise<void> {
    if (this.#isRead || !connection.me.capabilities.stats) return;
    this.#isRead = true;
    try {
      const { clients = [] } = await connection.api.stats(1);
      for (const { clientId } of clients) this.#ids.add(clientId);
    } catch (thrown) {
      // Suggestions are a convenience, so only a refusal is worth a notice. Try the next time.
      this.#isRead = false;
      connection.noteRefusal(asFailure(thrown));
    }
  }
}
