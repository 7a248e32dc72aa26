-- Books distinct seats, one a request, as the arguments say: path, prefix of the event ids, halls, seats a hall, and how
-- many bookings of this sequence were sent before. Runs in wrk's own thread: wrk is started with one thread only.
-- With a sixth argument, a file, the id of each booking that was accepted goes there, and when that was: the seconds of
-- the clock that all processes of the machine share.

local path, prefix, halls, seats, sent, note

function init(args)
  path, prefix = args[1], args[2]
  halls, seats, sent = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  wrk.headers["Content-Type"] = "application/json"
  if args[6] then
    follow(args[6])
  end
end

-- wrk takes answers apart only where there is a function of this name; it costs some microseconds each.
function follow(file)
  local ffi = require("ffi")
  ffi.cdef("typedef struct { long s; long ns; } moment; int clock_gettime(int, moment *);")
  local monotonic, now = 1, ffi.new("moment")
  note = assert(io.open(file, "w"))
  note:setvbuf("full")
  function response(status, _, body)
    if status == 202 then
      ffi.C.clock_gettime(monotonic, now)
      note:write(string.format("%s %d.%09d\n", body:match('"booking_id": ?"([^"]+)"'), tonumber(now.s), tonumber(now.ns)))
    end
  end
end

-- One hall after the other in turn, so that neighbours in time are on different events, as in life.
function request()
  local hall, seat = sent % halls, math.floor(sent / halls) % seats + 1
  local body = string.format('{"userId":"user-%d","eventId":"%s%d","seatId":"S%d"}', sent, prefix, hall, seat)
  sent = sent + 1
  return wrk.format("POST", path, nil, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'FIGURES {"answers": %d, "refused": %d, "broken": %d, "seconds": %.6f, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
