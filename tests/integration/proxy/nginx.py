"""nginx configured as in docs/operations.md, with a port, a certificate and a folder for the tests."""

import contextlib
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ...support.clients import PATIENCE, eventually
from ...support.processes import ROOT, free_port

#: What to set to "required" where a missing nginx is a fault and no reason to skip tests.
REQUIRED = "TEST_NGINX"

#: The name that the certificate and the configuration are for.
NAME = "algomancy.example"

_PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

#: What stands around the configuration in a distribution's own.
_AROUND = """\
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log notice;
events {{ worker_connections 512; }}
http {{
access_log {folder}/access.log;
client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
{configuration}
}}
"""


@dataclass(frozen=True)
class Proxy:
    """An nginx at work."""

    port: int
    folder: Path

    def client(self, token: str = "", *, http2: bool = True, **options: str) -> httpx.Client:
        """A client that comes from an address of its own, and asks for the name."""
        tls = ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))
        headers = {"Host": NAME} | ({"Authorization": f"Bearer {token}"} if token else {}) | options
        # Its name is known to nobody but the certificate: the address is asked for, and the name is shown.
        transport = _Named(verify=tls, http2=http2, local_address="127.0.0.2")
        return httpx.Client(base_url=f"https://127.0.0.1:{self.port}", transport=transport, headers=headers, timeout=60)

    def log(self) -> str:
        """What it has written about requests."""
        return (self.folder / "access.log").read_text()


class _Named(httpx.HTTPTransport):
    """A transport that expects the certificate of the name."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = request.extensions | {"sni_hostname": NAME}
        return super().handle_request(request)


def configuration() -> str:
    """The one nginx block in docs/operations.md."""
    [block] = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs" / "operations.md").read_text(), re.DOTALL)
    return str(block)


@contextlib.contextmanager
def running(folder: Path, upstream: int) -> Iterator[Proxy]:
    """A proxy of a server at a port of this machine."""
    if _PROGRAM is None and os.environ.get(REQUIRED) != "required":
        pytest.skip("there is no nginx: run tests/integration/proxy/setup")
    assert _PROGRAM is not None
    proxy = Proxy(free_port(), folder)
    _make_certificate(folder)
    own = {
        "listen 443": f"listen 127.0.0.1:{proxy.port}",
        "server 127.0.0.1:8051": f"server 127.0.0.1:{upstream}",
        "/etc/ssl/certs/algomancy.pem": str(folder / "certificate.pem"),
        "/etc/ssl/private/algomancy.key": str(folder / "key.pem"),
    }
    text = configuration()
    for theirs, ours in own.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, configuration=text))
    command = [_PROGRAM, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command) as process:  # noqa: S603
        try:
            eventually(lambda: process.poll() is not None or (folder / "pid").exists())
            assert process.poll() is None, (folder / "error.log").read_text()
            yield proxy
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _make_certificate(folder: Path) -> None:
    own = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1", "-days", "1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command = ["openssl", "req", "-x509", *key, *own, *files]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
