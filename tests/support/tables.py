"""Table files, archives, and datasets that are put."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx
import pandas as pd

ZIP = "application/zip"


def parquet(frame: pd.DataFrame, **keywords: Any) -> bytes:
    """A table as pandas writes it."""
    file = io.BytesIO()
    frame.to_parquet(file, **keywords)
    return file.getvalue()


def archived(entries: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def put(client: Any, url: str, files: Mapping[str, bytes]) -> httpx.Response:
    """Put a dataset of table files, by file name."""
    parts = [("tables", (name, content)) for name, content in files.items()]
    response: httpx.Response = client.request("PUT", url, files=parts)
    return response


def put_archive(client: Any, url: str, archive: bytes) -> httpx.Response:
    """Put a dataset of an archive."""
    response: httpx.Response = client.request("PUT", url, content=archive, headers={"content-type": ZIP})
    return response


def downloaded(client: Any, url: str) -> bytes:
    """The archive of a dataset."""
    response: httpx.Response = client.get(url, headers={"accept": ZIP})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == ZIP
    return response.content
