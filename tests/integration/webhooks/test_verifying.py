"""What the page shows verifies what is sent: in Python, and in TypeScript where there is Node.js."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from algomancy_api.webhooks.delivery import deliver

from ...support.receivers import SECRET, Received, event, receiving
from ..docs.pages import blocks, python_block

OTHER = "whsec_BAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

#: What a receiver may get, from what was sent; and whether that is genuine.
CASES: dict[str, tuple[Callable[[Received], tuple[str, dict[str, str], bytes]], bool]] = {
    "as it was sent": (lambda got: (SECRET, got.headers, got.body), True),
    "with another body": (lambda got: (SECRET, got.headers, got.body + b" "), False),
    "with another id": (lambda got: (SECRET, got.headers | {"webhook-id": "evt_2"}, got.body), False),
    "with another secret": (lambda got: (OTHER, got.headers, got.body), False),
    "with no signature": (lambda got: (SECRET, got.headers | {"webhook-signature": ""}, got.body), False),
    "late": (lambda got: (SECRET, got.headers | {"webhook-timestamp": "1614265330"}, got.body), False),
}


@pytest.fixture(scope="module")
def sent() -> Received:
    """An event, as a receiver gets it, which is signed with two secrets."""
    with receiving() as receiver:
        assert deliver(receiver.webhook(secret=[OTHER.replace("B", "C", 1), SECRET]), event()).status == 204
        return receiver.received[0]


@pytest.mark.parametrize("case", CASES)
def test_it_is_verified_in_python(sent: Received, case: str) -> None:
    module: dict[str, Any] = {}
    exec(python_block("verify.py").text, module)  # noqa: S102 - from the page
    change, is_genuine = CASES[case]
    assert module["is_genuine"](*change(sent)) is is_genuine


def test_it_is_verified_in_typescript(sent: Received, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js")
    [block] = blocks("ts", "docs/webhooks.md")
    # Old versions of Node.js do not take types.
    script = re.sub(r"(\w|\)): (?:string|Headers|Uint8Array|boolean)\b", r"\1", block.text)
    given = [(*change(sent), is_genuine) for change, is_genuine in CASES.values()]
    cases = [(secret, headers, body.decode(), is_genuine) for secret, headers, body, is_genuine in given]
    script += f"""
for (const [secret, headers, body, genuine] of {msgspec.json.encode(cases).decode()}) {{
  if (isGenuine(secret, new Headers(headers), Buffer.from(body)) !== genuine) throw new Error(JSON.stringify(headers));
}}
"""
    (tmp_path / "verify.mjs").write_text(script)
    result = subprocess.run([node, "verify.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert result.returncode == 0, result.stderr
