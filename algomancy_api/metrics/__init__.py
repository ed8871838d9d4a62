"""Metrics for Prometheus. Requires the extra `metrics`; imported only if metrics are turned on.

From the ground up:

- `series`: counters and histograms of requests and runs
- `collector`: gauges that are read on each scrape
- `middleware`: counts each request
- `endpoint`: the route `/metrics`
"""
