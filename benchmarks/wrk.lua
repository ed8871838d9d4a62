-- The requests that wrk sends, and its results as one line of JSON.
-- Arguments: the method, and a file of requests: each line is "path body" and is sent once.

local ffi = require("ffi") -- wrk runs LuaJIT, whose os.time() has no fractions of a second
ffi.cdef("typedef struct { long seconds; long microseconds; } clock_t_; int gettimeofday(clock_t_ *, void *);")

local requests, number, threads = {}, 0, {}

local function now() -- in microseconds
  local clock = ffi.new("clock_t_")
  ffi.C.gettimeofday(clock, nil)
  return tonumber(clock.seconds) * 1e6 + tonumber(clock.microseconds)
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  local method = arguments[1] or "GET"
  wrk.method = method
  if method ~= "GET" then wrk.headers["Content-Type"] = "application/json" end
  if not arguments[2] then return end
  for line in io.lines(arguments[2]) do
    local path, body = line:match("^(%S+) ?(.*)$")
    requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
  end
  request = function()
    number = number + 1
    if number == 1 then began = now() end
    if number == #requests + 1 then ended = now() end
    if number > #requests then wrk.thread:stop() end
    return requests[math.min(number, #requests)]
  end
end

function done(summary, latency)
  local errors, duration = summary.errors, summary.duration
  -- wrk keeps running for its whole duration even when nothing is left to send.
  for _, thread in ipairs(threads) do
    if thread:get("ended") then duration = thread:get("ended") - thread:get("began") end
  end
  io.write(string.format(
    '{"requests": %d, "rate": %.2f, "p50": %.3f, "p99": %.3f, "worst": %.3f, "errors": %d}\n',
    summary.requests, summary.requests / duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
