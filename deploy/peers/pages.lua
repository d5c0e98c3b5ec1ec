-- wrk script: pages ADDRESS-BEFORE COUNT ADDRESS-AFTER requests COUNT pages in random order and prints the 95th percentile of the response time.
local before, count, after
function init(args)
  before, count, after = args[1], tonumber(args[2]), args[3] or ""
  math.randomseed(7)
  wrk.headers["Accept"] = "text/html"
  wrk.headers["Accept-Encoding"] = "gzip"
end
function request()
  return wrk.format("GET", before .. math.random(count) .. after)
end
function done(summary, latency)
  local bad = summary.errors.status + summary.errors.timeout + summary.errors.read
  if summary.requests == 0 then bad = bad + 1 end
  io.write(string.format("p95 %.2f\nbad %d\n", latency:percentile(95) / 1000, bad))
end
