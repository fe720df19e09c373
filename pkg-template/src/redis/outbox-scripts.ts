/**
 * The scripts of the outbox.
 *
 * @module
 */

import { KINDS } from "../stores/notification.js";
import { BASE, WALK } from "./lua.js";
import { Script } from "./script.js";

/** Names of keys, and how a new notification is recorded. */
export const OUTBOX_INDEXES = `
local NOTIFICATIONS, DUE = root .. "notifications", root .. "notifications.due"
local NOTIFICATION_INDEXED = { "subjectId", "sessionId", "clientId", "state" }
local function notificationAt(id) return root .. "notification:" .. id end
local function notificationIndex(name, value) return root .. "notifications." .. name .. ":" .. value end
local function settledIndex(state) return root .. "notifications.settled:" .. state end
local function isRecorded(id) return call("HEXISTS", notificationAt(id), "id") == 1 end
local function noteLostNotification(id, indexes)
  for _, index in ipairs(indexes) do noteRepair("ZREM", index, id) end
  noteRepair("ZREM", NOTIFICATIONS, id)
  noteRepair("ZREM", DUE, id)
  noteRepair("DEL", notificationAt(id))
end
-- Call it only for an id that is not recorded yet.
local function record(id, fields)
  local values = {}
  for i = 1, #fields, 2 do values[fields[i]] = fields[i + 1] end
  call("HSET", notificationAt(id), unpack(fields))
  call("ZADD", NOTIFICATIONS, 0, id)
  call("ZADD", DUE, values.due, id)
  for _, name in ipairs(NOTIFICATION_INDEXED) do
    if values[name] then call("ZADD", notificationIndex(name, values[name]), 0, id) end
  end
end
local function setState(id, old, new)
  if old == new then return end
  call("HSET", notificationAt(id), "state", new)
  call("ZREM", notificationIndex("state", old), id)
  call("ZADD", notificationIndex("state", new), 0, id)
end
local SETTLED = { "delivered", "failed" }
local function setSettled(id, state, settled)
  for _, other in ipairs(SETTLED) do call("ZREM", settledIndex(other), id) end
  if settled then call("ZADD", settledIndex(state), settled, id) end
end
local function setDue(id, due)
  call("HSET", notificationAt(id), "due", due)
  call("ZADD", DUE, due, id)
end
`;

const COMMON = [BASE, OUTBOX_INDEXES] as const;

/** Arguments: the id and the fields of each notification. */
export const RECORD = new Script(
  ...COMMON,
  `
for _ = 1, takeNumber() do
  local id, fields = take(), takeList()
  if not isRecorded(id) then record(id, fields) end
end
return reply
`,
);

/**
 * Finds the ids of due notifications, and when they became due. Entries of other kinds were written
 * by a later version of the package, and are left to that version.
 */
const FIND_DUE = `
local KINDS = { ${KINDS.map((kind) => `["${kind}"] = true`).join(", ")} }
local function findDue(now, limit)
  local found, start = {}, 0
  while #found < 2 * limit do
    local due = call("ZRANGE", DUE, "-inf", now, "BYSCORE", "LIMIT", start, limit, "WITHSCORES")
    for i = 1, #due, 2 do
      local kind = call("HGET", notificationAt(due[i]), "kind")
      if (not kind or KINDS[kind]) and #found < 2 * limit then
        found[#found + 1] = due[i]
        found[#found + 1] = due[i + 1]
      end
    end
    if #due < 2 * limit then break end
    start = start + limit
  end
  return found
end
`;

/** Arguments: now, limit. Returns the ids of due notifications, and when they became due. */
export const LIST_DUE = new Script(
  ...COMMON,
  FIND_DUE,
  `
return findDue(take(), takeNumber())
`,
);

/** Arguments: now, limit, end of the lease. Returns the records as they were before. */
export const CLAIM = new Script(
  ...COMMON,
  FIND_DUE,
  `
local now, limit, leasedUntil = take(), takeNumber(), take()
local due = findDue(now, limit)
for i = 1, #due, 2 do
  if isRecorded(due[i]) then
    putRecord(notificationAt(due[i]))
    setDue(due[i], leasedUntil)
  else
    noteLostNotification(due[i], {})
  end
end
repair()
return reply
`,
);

/** Arguments: id, state, next attempt or nothing, now, fields to set. */
export const SETTLE = new Script(
  ...COMMON,
  `
local id, state, due, now, fields = take(), take(), take(), take(), takeList()
local key = notificationAt(id)
local old = call("HGET", key, "state")
if not old or old == "delivered" then return reply end
call("HINCRBY", key, "attempts", 1)
call("HDEL", key, "due", "status", "error")
call("ZREM", DUE, id)
if due ~= "" then setDue(id, due) end
setSettled(id, state, due == "" and now)
if #fields > 0 then call("HSET", key, unpack(fields)) end
setState(id, old, state)
return reply
`,
);

/** Arguments: id, now. Returns 1 if the notification had failed. */
export const RETRY = new Script(
  ...COMMON,
  `
local id, now = take(), take()
if call("HGET", notificationAt(id), "state") ~= "failed" then return { 0 } end
setDue(id, now)
setState(id, "failed", "pending")
setSettled(id)
return { 1 }
`,
);

/**
 * Arguments: limit, and the times before which removable notifications were delivered and given up.
 * Returns how many it removed, and how many it found in the indexes.
 */
export const PRUNE = new Script(
  ...COMMON,
  `
local limit, removed, found = takeNumber(), 0, 0
for _, state in ipairs(SETTLED) do
  local index, before = settledIndex(state), "(" .. take()
  for _, id in ipairs(call("ZRANGE", index, "-inf", before, "BYSCORE", "LIMIT", 0, limit - found)) do
    found = found + 1
    local values = call("HMGET", notificationAt(id), unpack(NOTIFICATION_INDEXED))
    call("ZREM", index, id)
    -- The state only differs or is missing if the server lost the record.
    if values[4] == state then
      for i, value in ipairs(values) do
        if value then call("ZREM", notificationIndex(NOTIFICATION_INDEXED[i], value), id) end
      end
      call("ZREM", NOTIFICATIONS, id)
      call("DEL", notificationAt(id))
      removed = removed + 1
    end
  end
end
return { removed, found }
`,
);

/**
 * Arguments: start, limit, end, indexes, issuers. Returns the position to continue at, then the
 * records.
 */
export const LIST_NOTIFICATIONS = new Script(
  ...COMMON,
  WALK,
  `
local low, limit, high, indexes, issuers = take(), takeNumber(), take(), takeList(), takeSet()
for i, name in ipairs(indexes) do indexes[i] = root .. "notifications." .. name end
local index = fewest(#indexes > 0 and indexes or { NOTIFICATIONS }, low, high)
local found = {}
local cursor = walk(index, low, high, false, 1000, function(id)
  if not isRecorded(id) then return noteLostNotification(id, indexes) end
  if issuers and not issuers[call("HGET", notificationAt(id), "issuer")] then return end
  if isInAll(indexes, id, index) then found[#found + 1] = id end
  return #found >= limit
end)
repair()
put(cursor == "" and "" or "(" .. cursor)
for _, id in ipairs(found) do putRecord(notificationAt(id)) end
return reply
`,
);
