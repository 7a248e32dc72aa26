-- Books distinct seats, one a request, as the arguments say: path, prefix of the event ids, halls, seats a hall, and how
-- many bookings of this sequence were sent before. Runs in wrk's own thread: wrk is started with one thread only.

local path, prefix, halls, seats, sent

function init(args)
  path, prefix = args[1], args[2]
  halls, seats, sent = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  wrk.headers["Content-Type"] = "application/json"
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
