-- The outcome on one line, for the program that runs wrk: requests, microseconds, the latencies
-- p50 and p99 in microseconds, answers that were errors, connections that failed.
function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    "OUTCOME %d %d %d %d %d %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, failed
  ))
end
