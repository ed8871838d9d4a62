"""The configuration of a server in a process of its own, with a webhook at a port that the environment names."""

import os

from algomancy_api import ApiConfiguration

from ...support import wiring
from ...support.receivers import Receiver, answers

#: Environment variable: the port of the receiver.
PORT = "RECEIVER_PORT"


def configuration() -> ApiConfiguration:
    """The configuration on SQLite, in the folder that the environment names."""
    receiver = Receiver(int(os.environ[PORT]), answers())
    return wiring.on_sqlite(os.environ["WIRING_FOLDER"], webhooks=[receiver.webhook(name="one", timeout=60)])
