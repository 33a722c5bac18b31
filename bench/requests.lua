-- Sends one body again and again, each time as another of the callers whose tokens a file lists.
-- Arguments: the file of tokens, empty for nobody; the file of the body; how many numbers there are.
-- Each ~ in the body becomes a number of its own, below that many.
local tokens, body, numbers, sent = {}, "", 1, 0

function init(arguments)
  math.randomseed(os.time())
  if arguments[1] ~= "" then
    for line in io.lines(arguments[1]) do tokens[#tokens + 1] = line end
  end
  local file = assert(io.open(arguments[2]))
  body = file:read("*a")
  file:close()
  numbers = tonumber(arguments[3])
  sent = math.random(numbers)
end

function request()
  local headers = { ["Content-Type"] = "application/json" }
  if #tokens > 0 then headers["Authorization"] = "Bearer " .. tokens[math.random(#tokens)] end
  sent = (sent + 1) % numbers
  return wrk.format("POST", nil, headers, (body:gsub("~", string.format("%d", sent))))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "failures": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
