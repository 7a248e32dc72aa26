-- Books distinct seats, one a request, as the arguments say: path, prefix of the event ids, halls, seats a hall, and how
-- many bookings of this sequence were sent before. Runs in wrk's own thread: wrk is started with one thread only.
-- With a sixth argument, a file, the id of each booking that was accepted goes there, and when that was: the seconds of
-- the clock that all processes of the machine share.

dofile("figures.lua")

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
  dofile("clock.lua")
  note = assert(io.open(file, "w"))
  note:setvbuf("full")
  function response(status, _, body)
    if status == 202 then
      note:write(string.format("%s %.6f\n", body:match('"booking_id": ?"([^"]+)"'), now_s()))
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
