"""A load of requests on a running server: ``python -m benchmarks.load URL``.

From Python:

    from benchmarks.load.driver import run_load
    from benchmarks.load.plan import Plan

    outcome = asyncio.run(run_load(Plan(url, connections=1000, rate=2000, mix={"polls": 100})))
    print(outcome.total().p99_ms)
"""
