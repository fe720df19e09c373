/**
 * The scripts that list and count sessions. Each reads a bounded part of one index and returns
 * where it stopped.
 *
 * @module
 */

import { BASE, PLACES, WALK } from "./lua.js";
import { Script } from "./script.js";
import { SESSION_KEYS } from "./session-scripts.js";
import { CONDITIONS, SELECTION } from "./session-selection.js";

/**
 * Arguments: a selection. Returns the place to continue at, then the place and the record of each
 * session.
 */
export const LIST = new Script(
  BASE,
  PLACES,
  SESSION_KEYS,
  WALK,
  ...SELECTION,
  `
local found = {}
local cursor = visitAsked(function(place)
  local fields = call("HGETALL", recordAt(place))
  -- In the order of expiry, a lost record was detected before.
  if #fields == 0 then return noteLost(place) end
  found[#found + 1] = { place = place, fields = fields }
  return #found >= limit
end)
repair()
put(cursor)
for _, session in ipairs(found) do
  put(session.place)
  putList(session.fields)
end
return reply
`,
);

/**
 * Arguments: the cursor (empty the first time) and its index, the limit, conditions. Returns how
 * many it counted, and the next cursor and its index.
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
  if absence == "any" and #indexes <= 1 and not issuers then
    return { call("ZLEXCOUNT", byCreation[1], creation.low, creation.high), "", "" }
  end
  if #indexes == 0 and not issuers and creation.low == "-" and creation.high == "+" then
    if absence == "refused" then return { call("ZLEXCOUNT", BY_EXPIRY, expiry.low, expiry.high), "", "" } end
    if expiry.high == "+" then
      -- All sessions, minus the expired ones.
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
repair()
return { count, cursor, source }
`,
);
