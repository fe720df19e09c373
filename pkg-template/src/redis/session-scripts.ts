/**
 * The scripts that change sessions: the record and all its indexes in one step.
 *
 * @module
 */

import { BASE, PLACES, WALK } from "./lua.js";
import { Script } from "./script.js";

/**
 * Names of keys. A session is identified by its place in the order of creation, which never
 * changes.
 */
export const SESSION_KEYS = `
local ALL, BY_EXPIRY, KEYS_TO_PLACES = root .. "sessions", root .. "sessions.expires", root .. "keys"
local DEVICES, FORGOTTEN = root .. "sessions.devices", root .. "forgotten"
local function recordAt(place) return root .. "session:" .. tailOf(place) end
local function sessionIndex(name, value) return root .. "sessions." .. name .. ":" .. value end
`;

/**
 * Keeps the indexes consistent with a record. An absent value is `false`, as `HGET` returns it.
 */
export const SESSION_INDEXES = `
local function valuesOf(fields)
  local values = {}
  for i = 1, #fields, 2 do values[fields[i]] = fields[i + 1] end
  return values
end
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
-- A client's field holds its sequence number and, after a colon, its sid. Without a new sid the
-- previous one is kept.
local function addClient(place, clientId, sid)
  local record, field = recordAt(place), "client:" .. clientId
  local known = call("HGET", record, field)
  if known and sid == "" then return end
  local number = known and string.match(known, "^%d+") or call("HINCRBY", record, "clients", 1)
  call("HSET", record, field, number .. sid)
  if not known then call("ZADD", sessionIndex("clientId", clientId), 0, place) end
end
-- Returns the fields of a record by name, and its clients; nothing if there is no such record.
local function readSession(place)
  local fields = call("HGETALL", recordAt(place))
  if #fields == 0 then return end
  local values, clients = {}, {}
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    values[name] = value
    if sub(name, 1, 7) == "client:" then
      local colon = string.find(value, ":", 1, true)
      local sid = colon and sub(value, colon + 1)
      clients[#clients + 1] = { field = name, id = sub(name, 8), sid = sid }
    end
  end
  return values, clients
end
-- Indexes a session that got a device after the devices in its range were forgotten.
local function noteDevice(place)
  local forgotten = call("GET", FORGOTTEN)
  if forgotten and not precedes(forgotten, place) then call("ZADD", DEVICES, 0, place) end
end
local function removeSession(place, values, clients)
  for _, name in ipairs(INDEXED) do move(place, name, values[name] or false, false) end
  for _, client in ipairs(clients) do call("ZREM", sessionIndex("clientId", client.id), place) end
  call("ZREM", ALL, place)
  if values.ipAddress or values.userAgent then call("ZREM", DEVICES, place) end
  call("HDEL", KEYS_TO_PLACES, values.key)
  call("DEL", recordAt(place))
end
`;

/** Adds a session, unless its key exists already. */
export const SESSION_CREATION = `
-- Returns whether it was added.
local function createSession(key, partition, fields, values, clients)
  if call("HEXISTS", KEYS_TO_PLACES, key) == 1 then return false end
  local arrival = call("INCR", root .. "arrivals")
  local place = timeText(tonumber(values.created)) .. base36(arrival, 8) .. partition
  call("HSET", recordAt(place), unpack(fields))
  call("HSET", KEYS_TO_PLACES, key, place)
  call("ZADD", ALL, 0, place)
  for _, name in ipairs(INDEXED) do move(place, name, false, values[name] or false) end
  for i = 1, #clients, 2 do addClient(place, clients[i], clients[i + 1]) end
  if values.ipAddress or values.userAgent then noteDevice(place) end
  return true
end
`;

/**
 * Whether a record meets a condition, which is a list of names and values. An empty value means
 * that the record must not have the field.
 */
const CHANGE_CONDITION = `
local function meets(condition, values)
  for i = 1, #condition, 2 do
    local name, wanted = condition[i], condition[i + 1]
    if name == "expiredAt" then
      local expires = tonumber(values.expires or "")
      if not expires or expires > tonumber(wanted) then return false end
    elseif (values[name] or "") ~= wanted then
      return false
    end
  end
  return true
end
`;

const COMMON = [BASE, PLACES, SESSION_KEYS, SESSION_INDEXES] as const;

/**
 * Arguments: key, partition, fields, clients with their sids. Returns 1, or 0 if the key exists
 * already.
 */
export const CREATE = new Script(
  ...COMMON,
  SESSION_CREATION,
  `
local key, partition, fields, clients = take(), take(), takeList(), takeList()
return { createSession(key, partition, fields, valuesOf(fields), clients) and 1 or 0 }
`,
);

/**
 * Arguments: key, partition, fields, clients with their sids, limit, time. Returns 1, or 0 if the
 * subject has that many active sessions, or `taken` if the key exists already.
 */
export const ADMIT = new Script(
  ...COMMON,
  WALK,
  SESSION_CREATION,
  `
local key, partition, fields, clients = take(), take(), takeList(), takeList()
local limit, now, ofIssuer = takeNumber(), takeNumber(), takeList()[1]
local values, active = valuesOf(fields), 0
-- Newest first, because the oldest are the most likely to have expired.
local ofSubject = sessionIndex("subjectId", values.subjectId)
walk(ofSubject, "-", "+", true, math.huge, function(place)
  local created, expires, issuer = unpack(call("HMGET", recordAt(place), "created", "expires", "issuer"))
  if not created then
    noteRepair("ZREM", ALL, place)
    noteRepair("ZREM", ofSubject, place)
  elseif (not expires or tonumber(expires) > now) and (not ofIssuer or issuer == ofIssuer) then
    active = active + 1
  end
  return active >= limit
end)
repair()
if active >= limit then return { 0 } end
return { createSession(key, partition, fields, values, clients) and 1 or "taken" }
`,
);

/** Arguments: key. Returns the record, which is empty if there is none. */
export const GET = new Script(
  ...COMMON,
  `
local place = call("HGET", KEYS_TO_PLACES, take())
if not place then return { 0 } end
putRecord(recordAt(place))
return reply
`,
);

/**
 * Arguments: key, the new key, fields to set, names of fields to clear, condition. Returns 1, or 0
 * if there is no such session or it doesn't meet the condition, or `taken` if another session has
 * the new key.
 */
export const UPDATE = new Script(
  ...COMMON,
  CHANGE_CONDITION,
  `
local key, newKey, fields, cleared, condition = take(), take(), takeList(), takeList(), takeList()
local place = call("HGET", KEYS_TO_PLACES, key)
if not place then return { 0 } end
local record = recordAt(place)
local old = call("HMGET", record, "key", "renewed", unpack(INDEXED))
-- A record without its key was lost, and must not be written again.
if not old[1] then return { 0 } end
local values = { renewed = old[2] }
for i, name in ipairs(INDEXED) do values[name] = old[i + 2] end
if not meets(condition, values) then return { 0 } end
if newKey ~= key then
  if call("HSETNX", KEYS_TO_PLACES, newKey, place) == 0 then return { "taken" } end
  call("HDEL", KEYS_TO_PLACES, key)
end
if #fields > 0 then call("HSET", record, unpack(fields)) end
if #cleared > 0 then call("HDEL", record, unpack(cleared)) end
local set = valuesOf(fields)
if set.ipAddress or set.userAgent then noteDevice(place) end
for i, new in ipairs(call("HMGET", record, unpack(INDEXED))) do
  move(place, INDEXED[i], values[INDEXED[i]], new)
end
return { 1 }
`,
);

/**
 * Arguments: key, time, client, its sid. Returns 1, or 0 if there is no such session or it has
 * expired.
 */
export const ADD_CLIENT = new Script(
  ...COMMON,
  `
local place, now = call("HGET", KEYS_TO_PLACES, take()), takeNumber()
if not place then return { 0 } end
local created, expires = unpack(call("HMGET", recordAt(place), "created", "expires"))
-- A record without a creation time was lost, and must not be written again.
if not created or (expires and tonumber(expires) <= now) then return { 0 } end
addClient(place, take(), take())
return { 1 }
`,
);

/**
 * Arguments: keys, condition. Returns the sessions that it removed, as records with some of their
 * fields.
 */
export const REMOVE = new Script(
  ...COMMON,
  CHANGE_CONDITION,
  `
local keys, condition = takeList(), takeList()
for _, key in ipairs(keys) do
  local place = call("HGET", KEYS_TO_PLACES, key)
  local values, clients
  if place then values, clients = readSession(place) end
  if values and meets(condition, values) then
    removeSession(place, values, clients)
    local fields = {}
    local function add(name)
      if not values[name] then return end
      fields[#fields + 1] = name
      fields[#fields + 1] = values[name]
    end
    for _, name in ipairs({ "key", "subjectId", "sessionId", "issuer" }) do add(name) end
    for _, client in ipairs(clients) do add(client.field) end
    putList(fields)
  elseif place and not values then
    -- The record was lost, so its index entries must be removed.
    call("ZREM", ALL, place)
    call("HDEL", KEYS_TO_PLACES, key)
  end
end
return reply
`,
);

/**
 * Arguments: limit, the first place that is too late. Returns how many sessions it cleared, and how
 * many it found: fewer than the limit if there are no more.
 *
 * The sessions with a device have no index, because nearly all sessions would be in it. Instead,
 * `FORGOTTEN` is the last place up to which devices were forgotten. After it, the script visits all
 * sessions; before it, an index has the few sessions that got a device later.
 */
export const FORGET_DEVICES = new Script(
  ...COMMON,
  WALK,
  `
local limit, last, cleared = takeNumber(), take(), 0
local function forget(place)
  local values = call("HMGET", recordAt(place), "ipAddress", "userAgent")
  if not values[1] and not values[2] then return end
  if values[1] then move(place, "ipAddress", values[1], false) end
  call("HDEL", recordAt(place), "ipAddress", "userAgent")
  cleared = cleared + 1
end
local late = call("ZRANGE", DEVICES, "-", "(" .. last, "BYLEX", "LIMIT", 0, limit)
for _, place in ipairs(late) do
  forget(place)
  call("ZREM", DEVICES, place)
end
if #late == limit then return { cleared, limit } end
local forgotten = call("GET", FORGOTTEN)
if forgotten and not precedes(forgotten, last) then return { cleared, #late } end
local wanted = limit - #late + cleared
local cursor = walk(ALL, forgotten and "(" .. forgotten or "-", "(" .. last, false, 1000, function(place)
  forget(place)
  return cleared >= wanted
end)
call("SET", FORGOTTEN, cursor == "" and last or cursor)
return { cleared, cursor == "" and 0 or limit }
`,
);
