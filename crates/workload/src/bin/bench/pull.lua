-- Pulls for one node after the other, as their agents do. The arguments: a file with a path and an
-- authorization on each line, with a tab between, and the two headers that all signatures share.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local requests = {}
local counter = 0

-- All requests are written down before, so that the load costs no more than that of the floor.
function init(arguments)
  local headers = {
    ["Content-MD5"] = arguments[2],
    ["Date"] = arguments[3],
    ["Accept-Encoding"] = "gzip",
    ["User-Agent"] = "Go-http-client/1.1",
  }
  for line in io.lines(arguments[1]) do
    local path, authorization = line:match("^(.-)\t(.*)$")
    headers["Authorization"] = authorization
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  counter = counter + 1
  return requests[(counter * 2 + number) % #requests + 1]
end
