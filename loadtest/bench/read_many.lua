-- Reads many addresses, one after the other and again from the first. Argument: the file that names them, one path a line.
-- Runs in wrk's own thread: wrk is started with one thread only.

dofile("figures.lua")

local paths, asked = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    paths[#paths + 1] = wrk.format("GET", path)
  end
end

function request()
  asked = asked + 1
  return paths[asked % #paths + 1]
end
