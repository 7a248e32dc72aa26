-- What every closed loop ends with: its figures, as one line of JSON (``closed_loop.Figures``). Alone, as a script of its
-- own, it reads one address again and again, as wrk does by itself.

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'FIGURES {"answers": %d, "refused": %d, "broken": %d, "seconds": %.6f, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
