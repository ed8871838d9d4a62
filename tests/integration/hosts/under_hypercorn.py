"""``python -m tests.integration.hosts.under_hypercorn PORT``: a host that has Hypercorn end the app's streams."""

import asyncio
import signal
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config

from .factory import build


async def main(port: int) -> None:
    app, config, stopping = build(), Config(), asyncio.Event()
    config.bind = [f"127.0.0.1:{port}"]

    def stop() -> None:
        app.state.stop()
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await serve(app, config, shutdown_trigger=stopping.wait)  # type: ignore[arg-type]


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
