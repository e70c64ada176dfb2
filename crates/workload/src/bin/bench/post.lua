-- Posts results, one a request, as agents do. The arguments: a file with a path and the tags of its
-- results on each line, with a tab between, and the fields of all results.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local paths, tags = {}, {}
local fields, run
local counter = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    paths[#paths + 1], tags[#tags + 1] = line:match("^(.-)\t(.*)$")
  end
  fields = arguments[2]
  run = os.time()
  wrk.headers["Content-Type"] = "application/line-protocol"
  wrk.headers["X-Points"] = "1"
  wrk.headers["X-Sub-Category"] = "dialtesting"
end

function request()
  counter = counter + 1
  local number = counter * 2 + number
  local place = number % #paths + 1
  wrk.headers["X-Pkg-Id"] = string.format("dk_%d_%d", run, number)
  local body = string.format(
    "http_dial_testing,%s %s %d%09d\n", tags[place], fields, os.time(), number % 1000000000
  )
  return wrk.format("POST", paths[place], nil, body)
end
