"""The console: a page that shows datasets, scenarios and comparisons. `clients/console` is its source."""

import html
import posixpath
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

import algomancy_api

from ...config import ApiConfiguration
from .files import PageFiles, page_headers

_FOLDER = Path(algomancy_api.__file__).parent / "console"

_HEADERS = page_headers(styles="'self'")


def console_routes(configuration: ApiConfiguration) -> list[BaseRoute]:
    """The routes of the console, if the configuration turns it on.

    They have no `@operation`, so the document does not list them.
    """
    url = configuration.console_url
    if url is None:
        return []
    page = _page(url, configuration)

    async def get_console(_request: Request) -> Response:
        return Response(page, headers=_HEADERS, media_type="text/html")

    return [
        Mount(f"{url}/files", PageFiles(directory=_FOLDER), name="console_files"),
        Route(url, get_console, methods=["GET"], name="get_console"),
    ]


def _page(url: str, configuration: ApiConfiguration) -> str:
    """The page. Its links are relative, so it works wherever the app is mounted."""
    template = Template((_FOLDER / "index.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(configuration.title),
        folder=html.escape(f"{posixpath.basename(url)}/files"),
        api=html.escape(posixpath.relpath(configuration.prefix, posixpath.dirname(url))),
    )
