/**
 * The scripts that end sessions as a set. Each does all its reads before its first write, because a
 * script that fails halfway is not rolled back.
 *
 * @module
 */

import { GRANT_FILTER, GRANT_INDEXES } from "./grant-scripts.js";
import { BASE, PLACES, WALK } from "./lua.js";
import { OUTBOX_INDEXES } from "./outbox-scripts.js";
import { Script } from "./script.js";
import { SESSION_INDEXES, SESSION_KEYS } from "./session-scripts.js";
import { SELECTION } from "./session-selection.js";

/**
 * Finds the sessions to end. Its arguments are those of a selection; 1 if only some keys match, and
 * these keys; excluded session ids; the time that sorts the surplus, or nothing, and how many
 * sessions to keep. It looks for one session more than `limit`, so that `more` is exact.
 */
const PICK: readonly string[] = [
  ...SELECTION,
  `
local isByKeys, keys, excluded = take() == "1", takeList(), takeSet()
local surplusBy, keep = take(), takeNumber()
-- The creation places of all candidates. Without it, the indexes are searched.
local candidates
if isByKeys then
  candidates = {}
  -- Lua limits the number of arguments of a call.
  for first = 1, #keys, 1000 do
    local last = math.min(first + 999, #keys)
    for i, place in ipairs(call("HMGET", KEYS_TO_PLACES, unpack(keys, first, last))) do
      if place and not keyOf[place] then
        keyOf[place] = keys[first + i - 1]
        candidates[#candidates + 1] = place
      end
    end
  end
end
-- The first place that is kept. If absent, the surplus is not limited by place.
local firstKept
if surplusBy == "created" and keep > 0 then
  local kept = 0
  local index = fewest(byCreation, creation.low, creation.high)
  walk(index, creation.low, creation.high, true, math.huge, function(member)
    local place = places(member, index)
    if place then kept, firstKept = kept + 1, place end
    return kept >= keep
  end)
  if kept < keep then
    candidates = {}
  else
    creation.high = "(" .. firstKept
    if not isByExpiry and (span.high == "+" or precedes(firstKept, sub(span.high, 2))) then
      span.high = creation.high
    end
  end
elseif surplusBy == "renewed" then
  local all, isCandidate = {}, {}
  for _, place in ipairs(candidates or {}) do isCandidate[place] = true end
  local index = fewest(byCreation, creation.low, creation.high)
  walk(index, creation.low, creation.high, false, math.huge, function(member)
    local place = places(member, index)
    if place then
      local renewed = tonumber(call("HGET", recordAt(place), "renewed"))
      all[#all + 1] = { place = place, renewed = renewed }
    end
  end)
  table.sort(all, function(a, b)
    if a.renewed ~= b.renewed then return a.renewed < b.renewed end
    return precedes(a.place, b.place)
  end)
  local surplus = {}
  for i = 1, #all - keep do
    if not candidates or isCandidate[all[i].place] then surplus[#surplus + 1] = all[i].place end
  end
  candidates = surplus
end
local ended = {}
local function visit(place)
  local values, clients = readSession(place)
  -- In the order of expiry, a lost record was detected before: this place contains its expiry.
  if not values then return noteLost(place) end
  local created = isByExpiry and timeText(tonumber(values.created)) .. tailOf(place) or place
  if firstKept and not precedes(created, firstKept) then return end
  if excluded and excluded[values.sessionId] then return end
  ended[#ended + 1] = { place = place, created = created, values = values, clients = clients }
  return #ended > limit
end
local cursor
if candidates then
  if isByExpiry then absence = "refused" end
  local found = {}
  for _, member in ipairs(candidates) do
    local place = asked(member)
    if place and isInSpan(place) then found[#found + 1] = place end
  end
  cursor = visitSorted(found, visit)
else
  cursor = visitAsked(visit)
end
local more = cursor ~= ""
if #ended > limit then
  more = true
  ended[#ended] = nil
end
-- The place to continue at, if no session was found so far.
put(#ended == 0 and cursor or "")
`,
];

const COMMON = [BASE, PLACES, WALK, SESSION_KEYS, SESSION_INDEXES, GRANT_INDEXES, GRANT_FILTER];

/** Arguments: a pick. Returns the place to continue at, then client ids. */
export const CLIENTS_OF = new Script(
  ...COMMON,
  ...PICK,
  `
local isKnown = {}
for _, session in ipairs(ended) do
  for _, client in ipairs(session.clients) do
    if not isKnown[client.id] then
      isKnown[client.id] = true
      put(client.id)
    end
  end
end
return reply
`,
);

/**
 * Arguments: a pick; 1 if the sessions are listed; the grants to remove; the notifications to
 * record. Returns the place to continue at, and nothing else if there is one; then the result of
 * the step.
 */
export const END = new Script(
  ...COMMON,
  OUTBOX_INDEXES,
  ...PICK,
  `
if reply[1] ~= "" then
  repair()
  return reply
end
local withDetails = take() == "1"
`,
  // The grants to remove, each once.
  `
local revoked, isRevoked = {}, {}
local function revoke(index, filter, isSelected)
  walk(index, "-", "+", false, math.huge, function(key)
    if isRevoked[key] then return end
    local values, isStale = readAsked(filter, key, index)
    if isStale then noteRepair("ZREM", index, key) end
    if values and (not isSelected or isSelected(values)) then
      isRevoked[key] = true
      revoked[#revoked + 1] = { key = key, values = values }
      countGrant(values[4])
    end
  end)
end
for _ = 1, takeNumber() do
  local names, filter = takeIndexes(), takeGrantFilter()
  for _, index in ipairs(names) do revoke(index, filter) end
end
if take() == "1" then
  local types, clients, exceptClients = takeSet(), takeSet(), takeSet()
  local ofParticipants = take() == "1"
  -- The clients of these sessions by session id and subject id. Two sessions may share both ids.
  local participants = {}
  for _, session in ipairs(ended) do
    local subjectId, sessionId = session.values.subjectId, session.values.sessionId
    local bySubject = participants[sessionId] or {}
    participants[sessionId] = bySubject
    bySubject[subjectId] = bySubject[subjectId] or {}
    for _, client in ipairs(session.clients) do bySubject[subjectId][client.id] = true end
  end
  local isDone = {}
  for _, session in ipairs(ended) do
    local subjectId, sessionId = session.values.subjectId, session.values.sessionId
    local ofSession = participants[sessionId][subjectId]
    if not isDone[ofSession] then
      isDone[ofSession] = true
      local ofSubject = { grantIndex("subjectId", subjectId) }
      local filter = { others = ofSubject, clients = clients, types = types }
      revoke(grantIndex("sessionId", sessionId), filter, function(values)
        local clientId = values[3]
        if exceptClients and exceptClients[clientId] then return false end
        return not ofParticipants or ofSession[clientId]
      end)
    end
  end
end
`,
  // The notifications to record, each once.
  `
local notices, isPlanned = {}, {}
-- The members that all notifications share.
local common = {}
local function plan(row, scope, clientId, way, values, sessionId)
  local prefix = way.kind == "session_revoked" and "event:" or ""
  local id = prefix .. scope .. ":" .. row .. ":" .. clientId
  if isPlanned[id] or isRecorded(id) then return end
  isPlanned[id] = true
  local fields = { "id", id, "state", "pending", "attempts", "0" }
  local function add(name, value)
    if not value then return end
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  add("clientId", clientId)
  add("subjectId", values.subjectId)
  -- Without a kind it is a logout token.
  add("kind", way.kind ~= "logout" and way.kind)
  add("logoutUri", way.uri)
  add("sessionId", sessionId)
  add("issuer", values.issuer)
  add("reason", common.reason)
  add("created", common.created)
  add("due", common.due)
  notices[#notices + 1] = { id = id, fields = fields }
end
local returned = 0
if take() == "1" then
  common.reason, common.created, common.due = take(), take(), take()
  returned = takeNumber()
  local function takeWay()
    local kind, uri = take(), take()
    return { kind = kind, uri = uri ~= "" and sub(uri, 2) }
  end
  local ofOthers = take() == "1" and { { kind = "logout" } } or {}
  local others = { bySession = ofOthers, bySubject = {} }
  local listed = {}
  for _ = 1, takeNumber() do
    local clientId, by = take(), take()
    listed[clientId] = listed[clientId] or { bySession = {}, bySubject = {} }
    local ways = listed[clientId][by == "subject" and "bySubject" or "bySession"]
    for _ = 1, takeNumber() do ways[#ways + 1] = takeWay() end
  end
  -- The last session by subject, issuer and client.
  local groups, inTurn = {}, {}
  for _, session in ipairs(ended) do
    local values = session.values
    for _, client in ipairs(session.clients) do
      local ways = listed[client.id] or others
      for _, way in ipairs(ways.bySession) do
        plan(session.created, "session", client.id, way, values, client.sid or values.sessionId)
      end
      if #ways.bySubject > 0 then
        -- The parts can have any content, so their lengths separate them.
        local issuer = values.issuer and #values.issuer .. ":" .. values.issuer or "-"
        local name = #values.subjectId .. ":" .. values.subjectId .. issuer .. ":" .. client.id
        if not groups[name] then
          groups[name] = { clientId = client.id, ways = ways.bySubject, last = session }
          inTurn[#inTurn + 1] = groups[name]
        elseif precedes(groups[name].last.created, session.created) then
          groups[name].last = session
        end
      end
    end
  end
  for _, group in ipairs(inTurn) do
    for _, way in ipairs(group.ways) do
      plan(group.last.created, "subject", group.clientId, way, group.last.values)
    end
  end
end
`,
  // The writes begin here, with the removals: a server that is out of memory rejects a script if
  // its first write needs memory, but no later write.
  `
repair()
for _, session in ipairs(ended) do
  removeSession(session.created, session.values, session.clients)
end
for _, grant in ipairs(revoked) do removeGrant(grant.key, grant.values) end
for _, notice in ipairs(notices) do record(notice.id, notice.fields) end
put(#ended)
put(#ended > 0 and ended[#ended].place or "")
put(more and 1 or 0)
put(#notices)
local count = math.min(returned, #notices)
put(count)
for i = 1, count do putList(notices[i].fields) end
local details = {}
if withDetails then
  for _, session in ipairs(ended) do
    details[#details + 1] = session.values.subjectId
    details[#details + 1] = session.values.sessionId
    details[#details + 1] = session.values.issuer and ":" .. session.values.issuer or ""
  end
end
putList(details)
putCounts()
return reply
`,
);
