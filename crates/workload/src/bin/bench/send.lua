-- Sends the same JSON again and again, with a number in it that differs. The arguments: the method and
-- the body, with the number @N@.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local method, head, tail
local counter = 0

function init(arguments)
  method = arguments[1]
  wrk.headers["Content-Type"] = "application/json"
  head, tail = arguments[2]:match("^(.-)@N@(.*)$")
end

function request()
  counter = counter + 1
  return wrk.format(method, nil, nil, string.format("%s%d-%d%s", head, number, counter, tail))
end
