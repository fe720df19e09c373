/**
 * `rollcall deliveries list` and `rollcall deliveries retry`.
 *
 * @module
 */

import type { Client } from "./client.js";
import { EXIT, type ExitStatus, Failure, usage } from "./failure.js";
import { notBlank, positive } from "./filters.js";
import type { Output } from "./output.js";
import { DELIVERY_COLUMNS, type Deliveries, type Delivery } from "./report.js";
import { Table } from "./table.js";
import { counted, safe, whole } from "./text.js";

/** The flags that say which notifications. */
export interface DeliveryFlags {
  state?: string;
  client?: string;
  subject?: string;
  session?: string;
}

/** The flags of `deliveries list`. */
export interface DeliveryListFlags extends DeliveryFlags {
  limit?: string;
  all?: boolean;
}

const DEFAULT_LIMIT = 25;
/** The API's largest page. */
const PAGE = 1_000;

/** `rollcall deliveries list`. */
export async function listDeliveries(
  client: Client,
  output: Output,
  flags: DeliveryListFlags,
): Promise<ExitStatus> {
  if (flags.all === true && flags.limit !== undefined) {
    throw usage("give one of `--all` and `--limit`");
  }
  const limit =
    flags.all === true
      ? Number.POSITIVE_INFINITY
      : positive("--limit", flags.limit ?? String(DEFAULT_LIMIT));
  const table = new Table(output, DELIVERY_COLUMNS, "--json");
  const found: Delivery[] = [];
  let count = 0;
  let after: string | undefined;
  for await (const page of pages(client, flags, limit)) {
    count += page.deliveries.length;
    after = page.after;
    if (output.json) found.push(...page.deliveries);
    else if (page.deliveries.length > 0 || !output.isTerminal) await table.add(page.deliveries);
  }
  table.end();
  if (output.json) {
    await output.writeJson({ deliveries: found, ...(after !== undefined && { after }) });
  } else if (count === 0) {
    output.say("no notification matches");
  } else if (after !== undefined && output.isTerminal) {
    output.say(`${whole(count)} notifications: more by \`--limit\`, or all by \`--all\``);
  }
  return EXIT.done;
}

async function* pages(
  client: Client,
  { state, client: clientId, subject, session }: DeliveryFlags,
  limit: number,
): AsyncGenerator<Deliveries> {
  const given = { client: clientId, subject, session };
  for (const [flag, value] of Object.entries(given)) {
    if (value !== undefined) notBlank(`--${flag}`, value);
  }
  let left = limit;
  let after: string | undefined;
  do {
    const page: Deliveries = await client.get("deliveries", "/v1/deliveries", {
      state,
      clientId,
      subjectId: subject,
      sessionId: session,
      after,
      limit: String(Math.min(left, PAGE)),
    });
    left -= page.deliveries.length;
    after = page.after;
    yield page;
  } while (after !== undefined && left > 0);
}

/** `rollcall deliveries retry`. */
export async function retryDeliveries(
  client: Client,
  output: Output,
  ids: readonly string[],
  { allFailed, client: clientId }: { allFailed?: boolean; client?: string },
): Promise<ExitStatus> {
  if (ids.length > 0 && allFailed === true) {
    throw usage("give either ids of notifications or `--all-failed`");
  }
  if (ids.length === 0 && allFailed !== true) {
    throw usage("say what to retry: give ids of notifications, or `--all-failed`");
  }
  if (ids.length > 0 && clientId !== undefined) throw usage("`--client` goes with `--all-failed`");
  const wanted = allFailed === true ? await failedIds(client, clientId) : [...new Set(ids)];
  const results: { id: string; retried: boolean }[] = [];
  for (const id of wanted) {
    output.progress(`${whole(results.length)} of ${whole(wanted.length)} retried`);
    const path = `/v1/deliveries/${encodeURIComponent(notBlank("<id>", id))}/retry`;
    results.push({ id, ...(await client.post("retried", path)) });
  }
  output.progress("");
  const left = results.filter(({ retried }) => !retried);
  // One that another person has retried meanwhile is fine.
  const isDone = left.length === 0 || allFailed === true;
  if (isDone || left.length < results.length) {
    output.say(`${counted(results.length - left.length, "notification")} will be sent again`);
    if (output.json) {
      await output.writeJson(results.length === 1 ? { retried: results[0]?.retried } : results);
    }
  }
  if (isDone) return EXIT.done;
  const shown = left.map(({ id }) => `\`${safe(id)}\``).join(", ");
  throw new Failure(
    "not_retried",
    `no failed notification has the id ${shown}: only those with the state failed are retried`,
  );
}

async function failedIds(client: Client, clientId: string | undefined): Promise<string[]> {
  const flags = { state: "failed", ...(clientId !== undefined && { client: clientId }) };
  const ids: string[] = [];
  for await (const { deliveries } of pages(client, flags, Number.POSITIVE_INFINITY)) {
    ids.push(...deliveries.map(({ id }) => id));
  }
  return ids;
}
