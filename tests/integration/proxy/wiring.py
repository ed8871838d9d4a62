"""The wiring of a server behind a proxy."""

import os

from algomancy_api import ApiConfiguration, Limits, Token

from ...support import wiring
from ..engines.algorithms import ALGORITHMS
from .nginx import NAME

#: The largest upload, in bytes.
UPLOAD = 64 * 1024**2


def configuration() -> ApiConfiguration:
    """The wiring, with a token whose secret is in the environment."""
    return wiring.configuration(
        algorithms=wiring.ALGORITHMS | {"Gated": ALGORITHMS["Gated"]},
        tokens=[Token("tests", os.environ["PROXY_SECRET"], "admin")],
        forwarded_allow_ips="127.0.0.1",
        allowed_hosts=[NAME],
        limits=Limits(upload=UPLOAD),
    )
