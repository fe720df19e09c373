// The background path, as a timer, a cron trigger or a queue uses it. Only compiled, never run.

import {
  type Delivery,
  type DeliveryList,
  type DeliveryOptions,
  type DeliveryPageOptions,
  type DeliveryPass,
  type DeliveryPassOptions,
  type Host,
  LogoutDelivery,
  type OutboxFilter,
  type Runner,
  type RunnerOptions,
  SessionManagement,
} from "rollcall";
import { memoryStores } from "rollcall/memory";

export const everyOption: DeliveryOptions = {
  concurrency: 32,
  perOrigin: 4,
  firstRetry: 10_000,
  maxRetry: 3_600_000,
  giveUpAfter: 86_400_000,
  leaseFor: 60_000,
  wait: 0,
  backdate: 5_000,
  keepDelivered: 7 * 86_400_000,
  keepFailed: 90 * 86_400_000,
};

/** All services of the host use its options, and one service has its own. */
const host: Host = { ...memoryStores(), delivery: everyOption };
const delivery = new LogoutDelivery(host, { concurrency: 8 });
export const usual = new LogoutDelivery(host);

/** Delivers until nothing is due, like the consumer of a queue. */
export async function drain(signal: AbortSignal): Promise<number> {
  const options: DeliveryPassOptions = {
    limit: 500,
    signal,
    onProgress: ({ notifications }) => console.log(notifications),
  };
  let delivered = 0;
  for (let more = true; more; ) {
    const pass: DeliveryPass = await delivery.deliverDue(options);
    delivered += pass.delivered;
    const rest: number = pass.failed + pass.rescheduled;
    const pruned: number | undefined = pass.pruningFailed ? undefined : pass.pruned;
    console.log(rest, pruned);
    more = pass.more;
  }
  return delivered;
}

/** Lists and retries given-up notifications. */
export async function retryAll(signal: AbortSignal): Promise<void> {
  const filter: OutboxFilter = {
    state: "failed",
    subjectId: "12345",
    sessionId: "abc",
    clientId: "shop",
  };
  for await (const entry of delivery.list(filter, { signal })) {
    const { id, error, status, attempts, nextAttempt }: Delivery = entry;
    const due: Date | undefined = nextAttempt;
    const retried: boolean = await delivery.retry(id);
    console.log(error ?? status ?? attempts, due?.toISOString(), retried);
  }
}

/** One page after the other, as an admin API returns them. */
export async function pages(signal: AbortSignal): Promise<Delivery[]> {
  const options: DeliveryPageOptions = { limit: 50, signal };
  const first: DeliveryList = await delivery.page({ state: "failed" }, options);
  const { after } = first;
  if (after === undefined) return first.deliveries;
  return (await delivery.page({ state: "failed" }, { ...options, after })).deliveries;
}

/** Delivers while the process runs. */
export async function whileItRuns(): Promise<void> {
  const options: RunnerOptions = {
    interval: 1_000,
    onError: (error: unknown) => console.error(error),
  };
  const runner: Runner = delivery.start({ ...options, limit: 100 });
  delivery.start();
  await runner.stop();
}

/** On Workers, the remaining attempts continue after the response. */
export async function onWorkers(context: {
  waitUntil(promise: Promise<unknown>): void;
}): Promise<number> {
  const management = new SessionManagement(host);
  const waitUntil = (rest: Promise<unknown>) => context.waitUntil(rest);
  return (await management.removeSessions({ subjectId: "12345" }, { waitUntil })).notifications
    .pending;
}

// @ts-expect-error: a host is needed
new LogoutDelivery();
// @ts-expect-error: no such option
new LogoutDelivery(host, { retries: 3 });
// @ts-expect-error: milliseconds
new LogoutDelivery(host, { firstRetry: "10s" });
// @ts-expect-error: milliseconds
new LogoutDelivery(host, { backdate: "5s" });
// @ts-expect-error: the host has no other options either
export const wrongHost: Host = { ...memoryStores(), delivery: { attempts: 5 } };
// @ts-expect-error: a limit is a number
delivery.deliverDue({ limit: "100" });
// @ts-expect-error: a pass has no batches
delivery.deliverDue({ batchSize: 100 });
// @ts-expect-error: a pass is the work itself, so it can't continue after a response
delivery.deliverDue({ waitUntil: () => {} });
// @ts-expect-error: an id is a string
delivery.retry(7);
// @ts-expect-error: an id is needed
delivery.retry();
// @ts-expect-error: an unknown state
delivery.list({ state: "given_up" });
// @ts-expect-error: no such filter
delivery.list({ clientIds: ["shop"] });
// @ts-expect-error: a list has all pages
delivery.list({}, { limit: 10 });
// @ts-expect-error: an id is a string
delivery.page({}, { after: 7 });
// @ts-expect-error: entries are iterated
export const entries: Promise<Delivery[]> = delivery.list();
// @ts-expect-error: milliseconds
delivery.start({ interval: new Date() });
// @ts-expect-error: a runner has `stop`
delivery.start().cancel();
new SessionManagement(host).removeSessions(
  { subjectId: "12345" },
  // @ts-expect-error: `waitUntil` gets a promise
  { waitUntil: (rest: string) => rest },
);
