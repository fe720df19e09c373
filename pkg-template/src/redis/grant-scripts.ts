/**
 * The scripts of the grants.
 *
 * @module
 */

import { BASE, WALK } from "./lua.js";
import { Script } from "./script.js";

/** Names of keys, and the indexes of a record. */
export const GRANT_INDEXES = `
local GRANT_INDEXED = { "subjectId", "sessionId", "clientId", "type" }
local GRANTS_BY_EXPIRY = root .. "grants.expires"
local function grantAt(key) return root .. "grant:" .. key end
local function grantIndex(name, value) return root .. "grants." .. name .. ":" .. value end
-- In the order of GRANT_INDEXED. A record without a type doesn't exist, because every grant has
-- one.
local function readGrant(key) return call("HMGET", grantAt(key), unpack(GRANT_INDEXED)) end
local function removeGrant(key, values)
  for i, value in ipairs(values) do
    if value then call("ZREM", grantIndex(GRANT_INDEXED[i], value), key) end
  end
  call("ZREM", GRANTS_BY_EXPIRY, key)
  call("DEL", grantAt(key))
end
`;

/**
 * Which grants to select: one index that contains them, other indexes that must contain them too,
 * and the allowed clients and types, if limited.
 */
export const GRANT_FILTER = `
local function takeIndexes()
  local names = takeList()
  for i, name in ipairs(names) do names[i] = root .. "grants." .. name end
  return names
end
local function takeGrantFilter()
  return { others = takeIndexes(), clients = takeSet(), types = takeSet() }
end
local function belongsIn(index, values)
  for i, value in ipairs(values) do
    if value and grantIndex(GRANT_INDEXED[i], value) == index then return true end
  end
  return false
end
-- Returns the indexed members of a selected grant, or nothing. The second result is true if the
-- entry in this index is stale: the record was lost, or was stored again with other members.
local function readAsked(filter, key, index)
  local values = readGrant(key)
  if not values[4] or not belongsIn(index, values) then return nil, true end
  for _, other in ipairs(filter.others) do
    if not belongsIn(other, values) then return end
  end
  if filter.clients and not filter.clients[values[3]] then return end
  if filter.types and not filter.types[values[4]] then return end
  return values
end
local counts = {}
local function countGrant(type) counts[type] = (counts[type] or 0) + 1 end
local function putCounts()
  for type, count in pairs(counts) do
    put(type)
    put(count)
  end
end
`;

const COMMON = [BASE, WALK, GRANT_INDEXES] as const;

/** Arguments: key, fields. Replaces the previous record. */
export const STORE_GRANT = new Script(
  ...COMMON,
  `
local key, fields = take(), takeList()
removeGrant(key, readGrant(key))
call("HSET", grantAt(key), unpack(fields))
for i, value in ipairs(readGrant(key)) do
  if value then call("ZADD", grantIndex(GRANT_INDEXED[i], value), 0, key) end
end
local expires = call("HGET", grantAt(key), "expires")
if expires then call("ZADD", GRANTS_BY_EXPIRY, expires, key) end
return reply
`,
);

/** Arguments: key. Returns the record. */
export const GET_GRANT = new Script(
  ...COMMON,
  `
putRecord(grantAt(take()))
return reply
`,
);

/**
 * Arguments: limit, now. Returns how many grants it removed, and how many it found in the index.
 */
export const REMOVE_EXPIRED_GRANTS = new Script(
  ...COMMON,
  `
local limit, now, removed = takeNumber(), take(), 0
local expired = call("ZRANGE", GRANTS_BY_EXPIRY, "-inf", now, "BYSCORE", "LIMIT", 0, limit)
for _, key in ipairs(expired) do
  local values = readGrant(key)
  removeGrant(key, values)
  -- The type is only missing if the server lost the record.
  if values[4] then removed = removed + 1 end
end
return { removed, #expired }
`,
);

/** Arguments: names of indexes. Returns those that have members. */
export const EXISTING_INDEXES = new Script(
  BASE,
  `
for _, name in ipairs(takeList()) do
  if call("EXISTS", root .. "grants." .. name) == 1 then put(name) end
end
return reply
`,
);

/** How many grants one call checks, so that it blocks the server for a few milliseconds only. */
const MOST = 1_000;

function visiting(action: string): Script {
  return new Script(
    ...COMMON,
    GRANT_FILTER,
    `
local cursor, index = take(), root .. "grants." .. take()
local filter = takeGrantFilter()
local found = {}
cursor = walk(index, cursor == "" and "-" or "(" .. sub(cursor, 2), "+", false, ${MOST}, function(key)
  local values, isStale = readAsked(filter, key, index)
  if isStale then noteRepair("ZREM", index, key) end
  if values then
    found[#found + 1] = { key = key, values = values }
    countGrant(values[4])
  end
  return #found >= 200
end)
-- A key may be any string, even an empty one. The prefix shows that there is more.
put(cursor == "" and "" or ">" .. cursor)
repair()
${action}
return reply
`,
  );
}

/** Arguments: cursor, index, filter. Returns the next cursor, then the records. */
export const LIST_GRANTS: Script = visiting(
  "for _, grant in ipairs(found) do putRecord(grantAt(grant.key)) end",
);
/** Same arguments. Returns the next cursor, then types and the number of their grants. */
export const COUNT_GRANTS: Script = visiting("putCounts()");
/** Same arguments and result; removes the grants. */
export const REMOVE_GRANTS: Script = visiting(
  "for _, grant in ipairs(found) do removeGrant(grant.key, grant.values) end putCounts()",
);
