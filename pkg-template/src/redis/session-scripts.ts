/**
 * The scripts that change sessions: the record and all its indexes in one step.
 *
 * @module
 */

import { BASE, PLACES } from "./lua.js";
import { Script } from "./script.js";

/** Names of keys. A session is known by its place in the order of creation, which never changes. */
export const SESSION_KEYS = `
local ALL, BY_EXPIRY, KEYS_TO_PLACES = root .. "sessions", root .. "sessions.expires", root .. "keys"
local function recordAt(place) return root .. "session:" .. tailOf(place) end
local function sessionIndex(name, value) return root .. "sessions." .. name .. ":" .. value end
`;

/** Keeps the indexes in step with a record. An absent value is \`false\`, as \`HGET\` gives it. */
export const SESSION_INDEXES = `
local INDEXED = { "expires", "subjectId", "sessionId", "displayNameFolded", "issuer", "ipAddress" }
local function move(place, name, old, new)
  if old == new then return end
  if name == "expires" then
    if old then call("ZREM", BY_EXPIRY, timeText(tonumber(old)) .. tailOf(place)) end
    if new then call("ZADD", BY_EXPIRY, 0, timeText(tonumber(new)) .. tailOf(place)) end
  else
    if old then call("ZREM", sessionIndex(name, old), place) end
    if new then call("ZADD", sessionIndex(name, new), 0, place) end
  end
end
-- The field of a client has its number of arrival, and behind a colon its sid. A client without one
-- leaves that of before.
local function addClient(place, clientId, sid)
  local record, field = recordAt(place), "client:" .. clientId
  local known = call("HGET", record, field)
  if known and sid == "" then return end
  local number = known and string.match(known, "^%d+") or call("HINCRBY", record, "clients", 1)
  call("HSET", record, field, number .. sid)
  if not known then call("ZADD", sessionIndex("clientId", clientId), 0, place) end
end
-- Returns whether the session was there.
local function removeSession(key)
  local place = call("HGET", KEYS_TO_PLACES, key)
  if not place then return false end
  local record = recordAt(place)
  for i, old in ipairs(call("HMGET", record, unpack(INDEXED))) do move(place, INDEXED[i], old, false) end
  for _, field in ipairs(call("HKEYS", record)) do
    if sub(field, 1, 7) == "client:" then call("ZREM", sessionIndex("clientId", sub(field, 8)), place) end
  end
  call("ZREM", ALL, place)
  call("HDEL", KEYS_TO_PLACES, key)
  call("DEL", record)
  return true
end
`;

const COMMON = [BASE, PLACES, SESSION_KEYS, SESSION_INDEXES] as const;

/** Key, partition, fields, clients with their sids. Returns 1, or 0 if the key is there already. */
export const CREATE = new Script(
  ...COMMON,
  `
local key, partition, fields, clients = take(), take(), takeList(), takeList()
if call("HEXISTS", KEYS_TO_PLACES, key) == 1 then return { 0 } end
local values = {}
for i = 1, #fields, 2 do values[fields[i]] = fields[i + 1] end
local place = timeText(tonumber(values.created)) .. base36(call("INCR", root .. "arrivals"), 8) .. partition
call("HSET", recordAt(place), unpack(fields))
call("HSET", KEYS_TO_PLACES, key, place)
call("ZADD", ALL, 0, place)
for _, name in ipairs(INDEXED) do move(place, name, false, values[name] or false) end
for i = 1, #clients, 2 do addClient(place, clients[i], clients[i + 1]) end
return { 1 }
`,
);

/** Key. Returns the record. */
export const GET = new Script(
  ...COMMON,
  `
local place = call("HGET", KEYS_TO_PLACES, take())
if not place then return {} end
putRecord(recordAt(place))
return reply
`,
);

/**
 * Key, the key from now on, fields to set, names of fields to clear. Returns 1, or 0 if there is no
 * such session, or `taken` if another session has the new key.
 */
export const UPDATE = new Script(
  ...COMMON,
  `
local key, newKey, fields, cleared = take(), take(), takeList(), takeList()
local place = call("HGET", KEYS_TO_PLACES, key)
if not place then return { 0 } end
if newKey ~= key then
  if call("HSETNX", KEYS_TO_PLACES, newKey, place) == 0 then return { "taken" } end
  call("HDEL", KEYS_TO_PLACES, key)
end
local record = recordAt(place)
local old = call("HMGET", record, unpack(INDEXED))
if #fields > 0 then call("HSET", record, unpack(fields)) end
if #cleared > 0 then call("HDEL", record, unpack(cleared)) end
for i, new in ipairs(call("HMGET", record, unpack(INDEXED))) do move(place, INDEXED[i], old[i], new) end
return { 1 }
`,
);

/** Key, time, client, its sid. Returns 1, or 0 if there is no such session, or it has expired. */
export const ADD_CLIENT = new Script(
  ...COMMON,
  `
local place, now = call("HGET", KEYS_TO_PLACES, take()), takeNumber()
if not place then return { 0 } end
local expires = call("HGET", recordAt(place), "expires")
if expires and tonumber(expires) <= now then return { 0 } end
addClient(place, take(), take())
return { 1 }
`,
);

/** Keys. Returns those that were there. */
export const REMOVE = new Script(
  ...COMMON,
  `
for _, key in ipairs(takeList()) do
  if removeSession(key) then put(key) end
end
return reply
`,
);
