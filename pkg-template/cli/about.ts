/**
 * `rollcall stats`, `rollcall openapi` and `rollcall whoami`.
 *
 * @module
 */

import type { Client } from "./client.js";
import { EXIT, type ExitStatus } from "./failure.js";
import { positive } from "./filters.js";
import type { Output } from "./output.js";
import { writeMembers } from "./sessions.js";
import { safeJson } from "./text.js";

/** `rollcall stats`. */
export async function showStats(
  client: Client,
  output: Output,
  { hours }: { hours?: string },
): Promise<ExitStatus> {
  const given = hours === undefined ? undefined : String(positive("--hours", hours));
  const stats = await client.get("stats", "/v1/stats", { hours: given });
  if (output.json) {
    await output.writeJson(stats);
    return EXIT.done;
  }
  const { at, active, expired, expiringWithinHour, created, clients = [], deliveries } = stats;
  await writeMembers(output, [
    ["at", at],
    ["active", numberOf(active)],
    ["expired", numberOf(expired)],
    ["expiringWithinHour", numberOf(expiringWithinHour)],
    ...clients.map((one): [string, string] => [`active in ${one.clientId}`, numberOf(one.active)]),
    ...Object.entries(deliveries ?? {}).map(([state, count]): [string, string] => [
      `deliveries ${state}`,
      numberOf(count),
    ]),
    ...created
      .filter(({ count }) => count > 0)
      .map((hour): [string, string] => [`created ${hour.from}`, numberOf(hour)]),
  ]);
  return EXIT.done;
}

function numberOf({ count, capped }: { count: number; capped?: true }): string {
  return `${count}${capped === true ? "+" : ""}`;
}

/** `rollcall openapi`. */
export async function showOpenApi(client: Client, output: Output): Promise<ExitStatus> {
  await output.write(`${safeJson(await client.get("openapi", "/v1/openapi.json"), 2)}\n`);
  return EXIT.done;
}

/** `rollcall whoami`. */
export async function showCaller(client: Client, output: Output): Promise<ExitStatus> {
  const me = await client.get("me", "/v1/me");
  if (output.json) {
    await output.writeJson(me);
    return EXIT.done;
  }
  const { actor, displayName = "", subjectId = "", sessionId = "", permissions, issuers } = me;
  const members: [string, string][] = [
    ["actor", actor],
    ["displayName", displayName],
    ["subjectId", subjectId],
    ["sessionId", sessionId],
    ["permissions", permissions.join(" ")],
    ["issuers", issuers?.join(" ") ?? ""],
    ["version", me.version],
  ];
  await writeMembers(
    output,
    members.filter(([, value]) => value !== ""),
  );
  return EXIT.done;
}
