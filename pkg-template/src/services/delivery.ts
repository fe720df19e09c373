/**
 * The background path: delivers the notifications that a call left in the outbox.
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
import { dispose, disposed } from "./disposal.js";
import { startRunner } from "./runner.js";

/** In milliseconds. A pass that finds nothing costs three index lookups. */
const DELIVERY_INTERVAL = 5_000;

/**
 * Delivers the notifications of the outbox. Keeps no state between calls. Any number of instances
 * may run at once, because claims are leased.
 *
 * @example
 * const delivery = new LogoutDelivery(host);
 * const runner = delivery.start(); // a pass every 5 seconds
 * await runner.stop(); // when the process ends
 */
export class LogoutDelivery {
  #core: CoreDelivery;

  /**
   * Checks host and options immediately; throws `invalid_argument`, or `not_configured` without an
   * outbox.
   *
   * @param options override the host's own `delivery`, member by member
   */
  constructor(host: Host, options?: DeliveryOptions) {
    this.#core = new CoreDelivery(host, options);
    if (host.outbox == null) {
      throw new RollcallError(
        "not_configured",
        "`LogoutDelivery` needs an outbox: inject `outbox`",
      );
    }
  }

  /**
   * One bounded pass: claims due notifications, the longest due first, and makes one attempt at
   * each, with a fresh token. A temporary failure is tried again later, after pauses that double. A
   * permanent failure, or one that lasts longer than `giveUpAfter`, is given up and stays listed.
   * An origin that keeps failing is skipped for the rest of the pass, and delays no other.
   *
   * Then it removes up to 10,000 entries that are older than `keepDelivered` or `keepFailed`. If
   * the outbox fails to do that, the report and the event `pruning_failed` say so.
   *
   * Rejects with `not_configured` (no `clients` or `sendLogout`), `store_failed` or `aborted`.
   * Notifications that were claimed but not settled are due again when their lease ends.
   *
   * @example
   * const { delivered, failed, more } = await delivery.deliverDue({ limit: 100 });
   */
  async deliverDue(options?: DeliveryPassOptions): Promise<DeliveryPass> {
    const { limit, ...callOptions } = optionsObject(options, "the options of the pass");
    return await this.#core.deliverDue({ limit }, callOptions);
  }

  /**
   * Runs such passes until it is stopped, every 5 seconds by default. For long-running hosts; on
   * others call `deliverDue` from a cron trigger.
   *
   * @example
   * const runner = delivery.start({ interval: 1_000, onError: (error) => console.error(error) });
   * await runner.stop();
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
   * One page of the outbox entries that match, including settled ones, in the order of their ids.
   *
   * Rejects with `invalid_argument`, `store_failed` or `aborted`.
   *
   * @example
   * const { deliveries, after } = await delivery.page({ state: "failed" }, { limit: 50 });
   * const next = after && (await delivery.page({ state: "failed" }, { limit: 50, after }));
   */
  async page(filter?: OutboxFilter, options?: DeliveryPageOptions): Promise<DeliveryList> {
    const { after, limit, ...callOptions } = optionsObject(options, "the options of the page");
    return await this.#core.page(filter, { after, limit }, callOptions);
  }

  /**
   * Iterates over all outbox entries that match, in the order of their ids, reading pages as
   * needed. Throws like `page`.
   *
   * @example
   * for await (const { id, clientId, error } of delivery.list({ state: "failed" })) {
   *   console.log(id, clientId, error);
   * }
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
   * Makes a notification that was given up due immediately: for one more attempt, or for several if
   * it is younger than `giveUpAfter`. Returns `false` if there is no such notification.
   *
   * @example
   * for await (const { id } of delivery.list({ state: "failed", clientId: "shop" })) {
   *   await delivery.retry(id);
   * }
   */
  retry(deliveryId: string): Promise<boolean> {
    return this.#core.retry(deliveryId, undefined);
  }

  /**
   * Frees the memory of the service, as `using` does at the end of its block. Running calls
   * complete, and later ones fail with `invalid_argument`, so stop its runners first. Without a
   * disposal, the memory is freed when the service is garbage collected.
   */
  [dispose](): void {
    this.#core = disposed(this.#core);
  }
}
