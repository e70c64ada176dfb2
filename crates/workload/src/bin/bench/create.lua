-- Creates regions. The arguments: the token, the body with the name @NAME@, and what all names of
-- this run begin with. All names have the same length, so the head of the request stays the same.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local head, tail, run
local counter = 0

local function next_name()
  counter = counter + 1
  return string.format("%s-%02d-%08d", run, number, counter)
end

function init(arguments)
  wrk.headers["Authorization"] = arguments[1]
  wrk.headers["Content-Type"] = "application/json"
  run = arguments[3]
  local first = next_name()
  local body = arguments[2]:gsub("@NAME@", first)
  local text = wrk.format("POST", nil, wrk.headers, body)
  local from, to = text:find(first, 1, true)
  head, tail = text:sub(1, from - 1), text:sub(to + 1)
end

function request()
  return head .. next_name() .. tail
end
