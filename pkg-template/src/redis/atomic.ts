/**
 * The removal of sessions with their grants, and the record of whom to tell, in one script. It
 * needs all of it in one partition.
 *
 * @module
 */

import { noGrants } from "../stores/grant-filter.js";
import type { CheckedPlan } from "../stores/plan.js";
import type { AtomicRemovalResult } from "../types.js";
import { listArgument, ReplyReader } from "./arguments.js";
import { GRANT_FILTER, GRANT_INDEXES } from "./grant-scripts.js";
import { grantConditions, readCount } from "./grants.js";
import { BASE, PLACES, WALK } from "./lua.js";
import { notificationArguments } from "./outbox.js";
import { OUTBOX_INDEXES } from "./outbox-scripts.js";
import type { Partitions } from "./partitions.js";
import { Script } from "./script.js";
import { SESSION_INDEXES, SESSION_KEYS } from "./session-scripts.js";

/**
 * Keys; notifications, each with the numbers of the keys of which one must be there, or with none;
 * filters of grants. Returns the keys that it removed, the ids that it recorded, then types and how
 * many grants of them it removed.
 */
const REMOVE_ALL = new Script(
  BASE,
  PLACES,
  WALK,
  SESSION_KEYS,
  SESSION_INDEXES,
  GRANT_INDEXES,
  GRANT_FILTER,
  OUTBOX_INDEXES,
  `
local function putList(list)
  put(#list)
  for _, text in ipairs(list) do put(text) end
end
local removed, isRemoved = {}, {}
for i, key in ipairs(takeList()) do
  if removeSession(key) then
    removed[#removed + 1] = key
    isRemoved[i] = true
  end
end
putList(removed)
local recorded = {}
for _ = 1, takeNumber() do
  local numbers, id, fields = take(), take(), takeList()
  local isDue = numbers == ""
  for number in string.gmatch(numbers, "%d+") do isDue = isDue or isRemoved[tonumber(number)] end
  if isDue and record(id, fields) then recorded[#recorded + 1] = id end
end
putList(recorded)
for _ = 1, takeNumber() do
  local indexes, filter = takeIndexes(), takeGrantFilter()
  for _, index in ipairs(indexes) do
    walk(index, "-", "+", false, math.huge, function(key)
      local asked, type = isAsked(filter, key)
      if asked then
        removeGrant(key)
        countGrant(type)
      end
    end)
  end
end
putCounts()
return reply
`,
);

/**
 * Runs the plan, all of it or nothing. What is wrong with a plan is found here: a script that fails
 * halfway is not undone.
 */
export async function removeAtomically(
  partitions: Partitions,
  plan: CheckedPlan,
): Promise<AtomicRemovalResult> {
  const sessionKeys = [...new Set(plan.sessionKeys)];
  const args = [
    ...listArgument(sessionKeys),
    ...notificationsArgument(plan, sessionKeys),
    ...grantsArgument(plan),
  ];
  const reply = new ReplyReader(await partitions.run(0, REMOVE_ALL, args));
  const [removed, recorded] = [reply.list(), reply.list()];
  const counts = noGrants();
  while (!reply.isAtEnd) {
    readCount(reply, counts);
  }
  return { removed, recorded, ...counts };
}

function notificationsArgument(
  { notifications }: CheckedPlan,
  sessionKeys: readonly string[],
): string[] {
  // Lua counts from 1.
  const numbers = new Map(sessionKeys.map((key, index) => [key, index + 1]));
  const args: string[] = [];
  let count = 0;
  for (const { sessionKeys, entry } of notifications) {
    // Another session may be there, but this call does not remove it.
    const required = sessionKeys
      .map((key) => numbers.get(key))
      .filter((number) => number !== undefined);
    if (required.length > 0 || sessionKeys.length === 0) {
      args.push(required.join(","), ...notificationArguments(entry));
      count += 1;
    }
  }
  return [`${count}`, ...args];
}

function grantsArgument({ grants }: CheckedPlan): string[] {
  const args = grants.flatMap((filter) => {
    const { indexes, args } = grantConditions(filter);
    return [...listArgument(indexes), ...args];
  });
  return [`${grants.length}`, ...args];
}
