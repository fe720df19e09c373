/**
 * How scripts find the sessions that a filter matches, with the indexes.
 *
 * @module
 */

/**
 * Reads which sessions to select: the indexes that must contain them, and the ranges of their
 * times. Ranges are passed twice: as bounds of an index, and as numbers. `absence` is how to
 * treat a session that never expires: `taken`, `refused`, or `any` if there is no range of
 * expiry.
 */
export const CONDITIONS = `
-- MOST is the number of index members that one call reads, so that it blocks the server for a few
-- milliseconds only. Up to FEW members are sorted instead of visited in the order of the list.
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
local issuers = takeSet()
local byCreation = #indexes > 0 and indexes or { ALL }
-- The key by which a session was found, by place.
local keyOf = {}
local function noteLost(member, source)
  if source == BY_EXPIRY then return noteRepair("ZREM", BY_EXPIRY, member) end
  noteRepair("ZREM", ALL, member)
  for _, index in ipairs(indexes) do noteRepair("ZREM", index, member) end
  if keyOf[member] then noteRepair("HDEL", KEYS_TO_PLACES, keyOf[member]) end
end
-- Returns a member of an index as its places by creation and by expiry; nothing if the session is
-- not selected.
local function places(member, source)
  local isSourceExpiry = source == BY_EXPIRY
  local expires, place = false, member
  if isSourceExpiry or absence ~= "any" or issuers then
    local times = call("HMGET", recordAt(member), "created", "expires", "issuer")
    if not times[1] then return noteLost(member, source) end
    if issuers and not issuers[times[3]] then return end
    local created = tonumber(times[1])
    expires = times[2]
    if not isWithin(creation, created) then return end
    if expires and not isWithin(expiry, tonumber(expires)) then return end
    if not expires and absence == "refused" then return end
    if isSourceExpiry then place = timeText(created) .. tailOf(member) end
  end
  if isInAll(indexes, place, source) then return place, expires end
end
`;

/**
 * Visits sessions in an order. Its arguments are the order, the direction, a limit, the span of the
 * order, and conditions.
 */
export const SELECTION: readonly string[] = [
  `
local isByExpiry, backwards, limit = take() == "expiry", take() == "backwards", takeNumber()
local span = { low = take(), high = take() }
`,
  CONDITIONS,
  `
local function isInSpan(place)
  return (span.low == "-" or precedes(sub(span.low, 2), place))
    and (span.high == "+" or precedes(place, sub(span.high, 2)))
end
-- Returns a member of an index as its place in the order; nothing if the session is not selected.
local function asked(member, source)
  local place, expires = places(member, source)
  if not place or not isByExpiry then return place end
  return timeText(tonumber(expires)) .. tailOf(place)
end
-- Visits these places in order until \`visit\` returns true. Returns the place to continue at.
local function visitSorted(found, visit)
  table.sort(found, function(a, b)
    if backwards then return precedes(b, a) end
    return precedes(a, b)
  end)
  for i, place in ipairs(found) do
    if visit(place) then return i < #found and place or "" end
  end
  return ""
end
-- Visits all selected sessions in the same way. It may stop before \`visit\` returns true.
local function visitAsked(visit)
  if isByExpiry then absence = "refused" end
  -- The index in the order of the list, and one in the other order, which may have few enough
  -- members to sort.
  local inOrder, other, size, few
  if isByExpiry then
    inOrder, size = fewest({ BY_EXPIRY }, span.low, span.high)
    other, few = fewest(byCreation, creation.low, creation.high)
  else
    inOrder, size = fewest(byCreation, span.low, span.high)
    if absence == "refused" then other, few = fewest({ BY_EXPIRY }, expiry.low, expiry.high) end
  end
  if few and few <= FEW and few < size then
    local found, bounds = {}, isByExpiry and creation or expiry
    walk(other, bounds.low, bounds.high, false, FEW, function(member)
      local place = asked(member, other)
      if place and isInSpan(place) then found[#found + 1] = place end
    end)
    return visitSorted(found, visit)
  end
  return walk(inOrder, span.low, span.high, backwards, math.max(MOST, limit), function(member)
    local place = asked(member, inOrder)
    return place and visit(place)
  end)
end
`,
];
