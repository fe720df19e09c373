/**
 * The Lua code that all scripts share.
 *
 * A script gets one key, the root of a partition, and appends to it to form the names of all keys
 * that it accesses. They share the hash tag of the root, so they are in its slot. Arguments are
 * strings that are read in order; a list is preceded by its length.
 *
 * @module
 */

/** Arguments and reply. */
export const BASE = `
local root, call, sub = KEYS[1], redis.call, string.sub
local taken = 0
local function take()
  taken = taken + 1
  return ARGV[taken]
end
local function takeNumber() return tonumber(take()) end
local function takeList()
  local list = {}
  for i = 1, takeNumber() do list[i] = take() end
  return list
end
-- Reads a list as a set for lookups. Returns false if it is empty, which means any string.
local function takeSet()
  local list, set = takeList(), {}
  for _, text in ipairs(list) do set[text] = true end
  return #list > 0 and set
end
local reply = {}
local function put(value) reply[#reply + 1] = value end
local function putList(list)
  put(#list)
  for _, text in ipairs(list) do put(text) end
end
local function putRecord(key) putList(call("HGETALL", key)) end
-- Commands that remove the entries of a lost record from the indexes. The server may have evicted
-- the record.
local repairs = {}
local function noteRepair(...) repairs[#repairs + 1] = { ... } end
local function repair()
  for _, command in ipairs(repairs) do call(unpack(command)) end
end
`;

/**
 * The place of a session in an order: a time in 12 digits, then its tail: its sequence number in 8
 * digits and its partition in 2. All are in base 36 with a fixed width, so the places sort like the
 * sessions. `position.ts` writes the same format.
 */
export const PLACES = `
local function base36(number, width)
  local text = ""
  for _ = 1, width do
    local digit = math.fmod(number, 36)
    text = sub("0123456789abcdefghijklmnopqrstuvwxyz", digit + 1, digit + 1) .. text
    number = (number - digit) / 36
  end
  return text
end
local function timeText(time)
  if time < 0 then return "0" .. base36(time + 9007199254740992, 11) end
  return "1" .. base36(time, 11)
end
local function tailOf(place) return sub(place, 13) end
-- Not with <, which depends on the server's locale. Ten digits of base 36 are exact as a number.
local function precedes(place, other)
  for first = 1, 21, 10 do
    local a, b = sub(place, first, first + 9), sub(other, first, first + 9)
    if a ~= b then return tonumber(a, 36) < tonumber(b, 36) end
  end
  return false
end
`;

/**
 * Reads an index in order between two bounds, up to `most` members, until `visit` returns true.
 * Returns the last member that it read, or an empty string if there are no more.
 */
export const WALK = `
local function walk(index, low, high, backwards, most, visit)
  local read, last = 0, ""
  while read < most do
    local wanted = math.min(most - read, 100)
    local members = backwards and call("ZRANGE", index, high, low, "BYLEX", "REV", "LIMIT", 0, wanted)
      or call("ZRANGE", index, low, high, "BYLEX", "LIMIT", 0, wanted)
    for _, member in ipairs(members) do
      last = member
      if visit(member) then return last end
    end
    if #members < wanted then return "" end
    read = read + wanted
    if backwards then high = "(" .. last else low = "(" .. last end
  end
  return last
end
-- Returns the index that has the fewest members between the bounds, and their number.
local function fewest(indexes, low, high)
  local best, least
  for _, index in ipairs(indexes) do
    local count = call("ZLEXCOUNT", index, low, high)
    if not least or count < least then best, least = index, count end
  end
  return best, least
end
local function isInAll(indexes, member, known)
  for _, index in ipairs(indexes) do
    if index ~= known and not call("ZSCORE", index, member) then return false end
  end
  return true
end
`;
