-- The clock that all processes of the machine share, as Python's ``time.monotonic()``: ``now_s()``, in seconds.

local ffi = require("ffi")
ffi.cdef[[
  typedef struct { long seconds; long nanoseconds; } frontrow_time;
  int clock_gettime(int clock, frontrow_time *time);
]]
local MONOTONIC = 1
local time = ffi.new("frontrow_time")

function now_s()
  ffi.C.clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end
