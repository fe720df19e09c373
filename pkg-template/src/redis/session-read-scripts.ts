/**
 * The scripts that list and count sessions. Each reads a bounded stretch of one index, and says
 * where it got to.
 *
 * @module
 */

import { BASE, PLACES, WALK } from "./lua.js";
import { Script } from "./script.js";
import { SESSION_KEYS } from "./session-scripts.js";

/**
 * Which sessions are asked for: the indexes that must have them, and the ranges of their times.
 * Ranges come twice: as bounds of an index, and as numbers. \`absence\` says what becomes of a
 * session that never expires: \`taken\`, \`refused\`, or \`any\` where its expiry does not matter
 * at all.
 */
const CONDITIONS = `
-- How many members of an index one call reads at the most, so that the server is free again after
-- some milliseconds; and how many are sorted rather than walked past in the order of the list.
local MOST, FEW = 1000, 1000
local function takeRange()
  local range = { low = take(), high = take() }
  range.after, range.before = takeNumber(), takeNumber()
  return range
end
local function isWithin(range, time)
  return (not range.after or time >= range.after) and (not range.before or time < range.before)
end
local creation, expiry, absence, indexes = takeRange(), takeRange(), take(), takeList()
for i, name in ipairs(indexes) do indexes[i] = root .. "sessions." .. name end
local byCreation = #indexes > 0 and indexes or { ALL }
-- A member of an index as its place by creation and by expiry; nothing if the session is not asked
-- for.
local function places(member, source)
  local isByExpiry = source == BY_EXPIRY
  local expires, place = false, member
  if isByExpiry or absence ~= "any" then
    local times = call("HMGET", recordAt(member), "created", "expires")
    local created = tonumber(times[1])
    expires = times[2]
    if not isWithin(creation, created) then return end
    if expires and not isWithin(expiry, tonumber(expires)) then return end
    if not expires and absence == "refused" then return end
    if isByExpiry then place = timeText(created) .. tailOf(member) end
  end
  if isInAll(indexes, place, source) then return place, expires end
end
`;

/**
 * Order, direction, how many, the span of the order, conditions. Returns from where to read on,
 * then for each session its place in the order, and its record.
 */
export const LIST = new Script(
  BASE,
  PLACES,
  SESSION_KEYS,
  WALK,
  `
local isByExpiry, backwards, limit = take() == "expiry", take() == "backwards", takeNumber()
local span = { low = take(), high = take() }
`,
  CONDITIONS,
  `
if isByExpiry then absence = "refused" end
local found = {}
local function inSpan(place)
  return (span.low == "-" or precedes(sub(span.low, 2), place)) and (span.high == "+" or precedes(place, sub(span.high, 2)))
end
local function asked(member, source)
  local place, expires = places(member, source)
  if not place or not isByExpiry then return place end
  return timeText(tonumber(expires)) .. tailOf(place)
end
-- The index in the order of the list, and the one in the other order, which may have so few that
-- they are soon sorted.
local inOrder, other, size, few
if isByExpiry then
  inOrder, size = fewest({ BY_EXPIRY }, span.low, span.high)
  other, few = fewest(byCreation, creation.low, creation.high)
else
  inOrder, size = fewest(byCreation, span.low, span.high)
  if absence == "refused" then other, few = fewest({ BY_EXPIRY }, expiry.low, expiry.high) end
end
local cursor
if few and few <= FEW and few < size then
  local bounds = isByExpiry and creation or expiry
  walk(other, bounds.low, bounds.high, false, FEW, function(member)
    local place = asked(member, other)
    if place and inSpan(place) then found[#found + 1] = place end
  end)
  table.sort(found, function(a, b)
    if backwards then return precedes(b, a) end
    return precedes(a, b)
  end)
  cursor = #found > limit and found[limit] or ""
else
  cursor = walk(inOrder, span.low, span.high, backwards, math.max(MOST, limit), function(member)
    local place = asked(member, inOrder)
    if place then found[#found + 1] = place end
    return #found >= limit
  end)
end
put(cursor)
for i = 1, math.min(limit, #found) do
  put(found[i])
  putRecord(recordAt(found[i]))
end
return reply
`,
);

/**
 * Where to go on (nothing the first time) in which index, up to which number, conditions. Returns
 * how many it counted, and where to go on in which index.
 */
export const COUNT = new Script(
  BASE,
  PLACES,
  SESSION_KEYS,
  WALK,
  "local cursor, source, limit = take(), take(), takeNumber()",
  CONDITIONS,
  `
if cursor == "" then
  if absence == "any" and #indexes <= 1 then
    return { call("ZLEXCOUNT", byCreation[1], creation.low, creation.high), "", "" }
  end
  if #indexes == 0 and creation.low == "-" and creation.high == "+" then
    if absence == "refused" then return { call("ZLEXCOUNT", BY_EXPIRY, expiry.low, expiry.high), "", "" } end
    if expiry.high == "+" then
      -- All but those that expired.
      local expired = call("ZLEXCOUNT", BY_EXPIRY, "-", "(" .. sub(expiry.low, 2))
      return { call("ZCARD", ALL) - expired, "", "" }
    end
  end
  local size
  source, size = fewest(byCreation, creation.low, creation.high)
  if absence == "refused" and call("ZLEXCOUNT", BY_EXPIRY, expiry.low, expiry.high) < size then source = BY_EXPIRY end
  source = sub(source, #root + 1)
end
local index = root .. source
local bounds = index == BY_EXPIRY and expiry or creation
local count = 0
cursor = walk(index, cursor == "" and bounds.low or "(" .. cursor, bounds.high, false, MOST, function(member)
  if places(member, index) then count = count + 1 end
  return count >= limit
end)
return { count, cursor, source }
`,
);
