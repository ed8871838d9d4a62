"""Metrics for Prometheus. Needs the extra `metrics`: nothing imports this package where they are off.

From the ground up:

- `series`: the series that requests and runs are counted in
- `collector`: the series that are looked up on a scrape
- `middleware`: the requests, counted as they pass
- `endpoint`: the route where all of them are scraped
"""
