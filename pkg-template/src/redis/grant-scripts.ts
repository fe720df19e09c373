/**
 * The scripts of the grants.
 *
 * @module
 */

import { BASE, WALK } from "./lua.js";
import { Script } from "./script.js";

/** Names of keys, and the indexes that go with a record. */
export const GRANT_INDEXES = `
local GRANT_INDEXED = { "subjectId", "sessionId", "clientId", "type" }
local GRANTS_BY_EXPIRY = root .. "grants.expires"
local function grantAt(key) return root .. "grant:" .. key end
local function grantIndex(name, value) return root .. "grants." .. name .. ":" .. value end
-- In the order of GRANT_INDEXED. Without a type there is no such record: every grant has one.
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
 * Which grants are asked for: one index that has them, further ones that must, and what the client
 * and the type must be one of, where that is said at all.
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
-- The indexed members of a grant that is asked for, or nothing. The second result says that it
-- doesn't belong in the index that names it: its record is lost, or was stored anew since then with
-- other members.
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

/** Key, fields. Replaces what was there. */
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

/** Key. Returns the record. */
export const GET_GRANT = new Script(
  ...COMMON,
  `
putRecord(grantAt(take()))
return reply
`,
);

/** How many, now. Returns how many it removed, and how many it found in the index. */
export const REMOVE_EXPIRED_GRANTS = new Script(
  ...COMMON,
  `
local limit, now, removed = takeNumber(), take(), 0
local expired = call("ZRANGE", GRANTS_BY_EXPIRY, "-inf", now, "BYSCORE", "LIMIT", 0, limit)
for _, key in ipairs(expired) do
  local values = readGrant(key)
  removeGrant(key, values)
  -- Without a type only if the server lost the record.
  if values[4] then removed = removed + 1 end
end
return { removed, #expired }
`,
);

/** Names of indexes. Returns those that have members. */
export const EXISTING_INDEXES = new Script(
  BASE,
  `
for _, name in ipairs(takeList()) do
  if call("EXISTS", root .. "grants." .. name) == 1 then put(name) end
end
return reply
`,
);

/** How many grants one call looks at, so that the server is free again after some milliseconds. */
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
-- A key may be any text: what says that there is more is the text in front of it.
put(cursor == "" and "" or ">" .. cursor)
repair()
${action}
return reply
`,
  );
}

/** From where to go on, index, filter. Returns where to go on, then the records. */
export const LIST_GRANTS: Script = visiting(
  "for _, grant in ipairs(found) do putRecord(grantAt(grant.key)) end",
);
/** The same; returns where to go on, then types and how many grants of them there are. */
export const COUNT_GRANTS: Script = visiting("putCounts()");
/** The same; removes the grants. */
export const REMOVE_GRANTS: Script = visiting(
  "for _, grant in ipairs(found) do removeGrant(grant.key, grant.values) end putCounts()",
);
