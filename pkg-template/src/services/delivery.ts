/**
 * The background path: tells clients what could not be told at once.
 *
 * @module
 */

import { CoreDelivery } from "../core.js";
import { RollcallError } from "../errors.js";
import { optionsObject } from "../options.js";
import type {
  CallOptions,
  Delivery,
  DeliveryOptions,
  DeliveryPass,
  DeliveryPassOptions,
  Host,
  OutboxFilter,
  Runner,
  RunnerOptions,
} from "../types.js";
import { startRunner } from "./runner.js";

/** In milliseconds. A pass over nothing is three looks into indexes. */
const DELIVERY_INTERVAL = 5_000;

/** How many entries `list` reads at a time. */
const LIST_PAGE = 100;

/**
 * Delivers from the outbox. Keeps nothing between calls; any number may run at once, for claims are
 * leased.
 */
export class LogoutDelivery {
  readonly #core: CoreDelivery;

  /**
   * Checks host and options at once; throws `invalid_argument`, or `not_configured` without an
   * outbox.
   *
   * @param options in the place of the host's own `delivery`, member by member
   */
  constructor(host: Host, options?: DeliveryOptions) {
    this.#core = new CoreDelivery(host, options);
    if (host.outbox == null) {
      throw new RollcallError(
        "not_configured",
        "there is nothing to deliver from: inject `outbox`",
      );
    }
  }

  /**
   * One bounded pass: claims notifications that are due, the longest due first, and makes one
   * attempt at each, with a fresh token. What fails for now is tried again later, after pauses that
   * double; what fails for too long or for good is given up, and stays listed. An origin that keeps
   * failing is left alone for the rest of the pass and holds up no other.
   *
   * Then it removes up to 10,000 entries that were kept for `keepDelivered` or `keepFailed`. If the
   * outbox fails at that, the report and the event `pruning_failed` say so.
   *
   * Rejects with `not_configured` (no `clients` or `sendLogout`), `store_failed` or `aborted`: what
   * was claimed and not settled is due again when its lease ends.
   */
  async deliverDue(options?: DeliveryPassOptions): Promise<DeliveryPass> {
    const { limit, ...callOptions } = optionsObject(options, "the options of the pass");
    return await this.#core.deliverDue({ limit }, callOptions);
  }

  /**
   * Makes such passes until it is stopped, by default every 5 seconds. For hosts that live long;
   * others call the single pass.
   */
  start(options?: RunnerOptions & { limit?: number }): Runner {
    const { limit, ...runnerOptions } = optionsObject(options, "the options of the runner", [
      "interval",
      "onError",
      "limit",
    ]);
    const pass = (signal: AbortSignal) =>
      this.deliverDue({ ...(limit !== undefined && { limit }), signal });
    return startRunner(pass, runnerOptions, DELIVERY_INTERVAL);
  }

  /**
   * The entries of the outbox that match, settled ones too, in the order of their ids. Throws
   * `store_failed` or `aborted`.
   */
  async *list(
    filter: OutboxFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<Delivery, void, undefined> {
    // A store that gave the same page again would be listed for ever.
    let firstOfPage: string | undefined;
    for (let after: string | undefined; ; ) {
      const page: Delivery[] = await this.#core.list(filter, after, LIST_PAGE, options);
      if (!page.every(isDelivery) || (page.length > 0 && page[0]?.id === firstOfPage)) {
        const message =
          "`outbox.list` must return deliveries, in the order of their ids and behind `after`: see `LogoutOutbox`";
        throw new RollcallError("store_failed", message);
      }
      yield* page;
      firstOfPage = page[0]?.id;
      after = page.at(-1)?.id;
      if (after === undefined || page.length < LIST_PAGE) return;
    }
  }

  /**
   * Makes a notification that was given up due at once: for one more attempt, or more while it is
   * young. `false`: no such one.
   */
  retry(deliveryId: string): Promise<boolean> {
    return this.#core.retry(deliveryId, undefined);
  }
}

function isDelivery(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && "id" in value && typeof value.id === "string"
  );
}
