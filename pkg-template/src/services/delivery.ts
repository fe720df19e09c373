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
  DeliveryList,
  DeliveryOptions,
  DeliveryPageOptions,
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
   * One page of the entries of the outbox that match, settled ones too, in the order of their ids.
   *
   * Rejects with `invalid_argument`, `store_failed` or `aborted`.
   *
   * @example
   * ```ts
   * const { deliveries, after } = await delivery.page({ state: "failed" }, { limit: 50 });
   * const next = after && (await delivery.page({ state: "failed" }, { limit: 50, after }));
   * ```
   */
  async page(filter?: OutboxFilter, options?: DeliveryPageOptions): Promise<DeliveryList> {
    const { after, limit, ...callOptions } = optionsObject(options, "the options of the page");
    return await this.#core.page(filter, { after, limit }, callOptions);
  }

  /**
   * All entries of the outbox that match, page by page as they are asked for, in the order of their
   * ids. Throws as `page` does.
   */
  async *list(
    filter: OutboxFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<Delivery, void, undefined> {
    let after: string | undefined;
    do {
      const page: DeliveryList = await this.#core.page(filter, { after }, options);
      yield* page.deliveries;
      after = page.after;
    } while (after !== undefined);
  }

  /**
   * Makes a notification that was given up due at once: for one more attempt, or more while it is
   * young. `false`: no such one.
   */
  retry(deliveryId: string): Promise<boolean> {
    return this.#core.retry(deliveryId, undefined);
  }
}
