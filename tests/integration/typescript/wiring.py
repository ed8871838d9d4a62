"""The example with a token, for pages of its own origin and of another one, and behind a proxy."""

import os
from pathlib import Path

from algomancy_api import ApiConfiguration, Token
from algomancy_api.example import build_example_config

from ..proxy.nginx import NAME

#: The origin of pages that the server does not have.
OTHER_ORIGIN = "http://127.0.0.1:8999"


def configuration() -> ApiConfiguration:
    """The example in the folder of the environment, with the token whose secret is there."""
    return build_example_config(
        Path(os.environ["WIRING_FOLDER"]),
        tokens=[Token("tests", os.environ["EXAMPLE_SECRET"], "admin")],
        cors_origins=[OTHER_ORIGIN],
        allowed_hosts=[NAME, "127.0.0.1"],
        forwarded_allow_ips="127.0.0.1",
    )
