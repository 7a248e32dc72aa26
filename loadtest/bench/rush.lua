-- Books at a pace whether or not earlier requests were answered, as a crowd does: each connection takes the next request
-- when it is due. Arguments: path, prefix of the event ids, halls, seats a hall, requests a second. Seats are asked for
-- one after the other, and anew from the first. wrk asks for many delays before the first request of them is made, so
-- each is counted by itself. Runs in wrk's own thread: wrk is started with one thread only.

dofile("clock.lua")

local path, prefix, halls, seats, per_s
local began, due, asked = nil, 0, 0
local of_thread

accepted, busy, unsure, often, other, late_ms = 0, 0, 0, 0, 0, 0

function setup(thread)
  of_thread = thread
end

function init(args)
  path, prefix = args[1], args[2]
  halls, seats, per_s = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  wrk.headers["Content-Type"] = "application/json"
end

function delay()
  began = began or now_s()
  local early_ms = (began + due / per_s - now_s()) * 1e3
  due = due + 1
  late_ms = math.max(late_ms, -early_ms)
  return math.max(math.floor(early_ms), 0)
end

function request()
  local hall, seat = asked % halls, math.floor(asked / halls) % seats + 1
  local body = string.format('{"userId":"user-%d","eventId":"%s%d","seatId":"S%d"}', asked, prefix, hall, seat)
  asked = asked + 1
  return wrk.format("POST", path, nil, body)
end

function response(status, headers, body)
  if status == 202 then accepted = accepted + 1
  elseif status == 503 and string.find(body, "/problems/overloaded", 1, true) then busy = busy + 1
  elseif status == 503 then unsure = unsure + 1
  elseif status == 429 then often = often + 1
  else other = other + 1 end
end

function done(summary)
  local errors = summary.errors
  io.write(string.format(
    'FIGURES {"accepted": %d, "busy": %d, "unsure": %d, "often": %d, "other": %d, "broken": %d, "late_ms": %.0f, "seconds": %.6f}\n',
    of_thread:get("accepted"), of_thread:get("busy"), of_thread:get("unsure"), of_thread:get("often"), of_thread:get("other"),
    errors.connect + errors.read + errors.write + errors.timeout, of_thread:get("late_ms"), summary.duration / 1e6))
end
