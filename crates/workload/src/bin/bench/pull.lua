-- Pulls for one node after the other, as their agents do. The arguments: a file with a path and an
-- authorization on each line, with a tab between, and the two headers that all signatures share.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local paths, authorizations = {}, {}
local counter = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    paths[#paths + 1], authorizations[#authorizations + 1] = line:match("^(.-)\t(.*)$")
  end
  wrk.headers["Content-MD5"] = arguments[2]
  wrk.headers["Date"] = arguments[3]
  wrk.headers["Accept-Encoding"] = "gzip"
  wrk.headers["User-Agent"] = "Go-http-client/1.1"
end

function request()
  counter = counter + 1
  local place = (counter * 2 + number) % #paths + 1
  wrk.headers["Authorization"] = authorizations[place]
  return wrk.format("GET", paths[place])
end
