"""The OpenAPI document, and Swagger UI, whose files are all served from here."""

import html
import posixpath
from string import Template

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from ...config import ApiConfiguration
from ...http.conditional import conditional
from ...openapi.document import PAGE_FOLDER, ServedDocument, openapi_folder
from .files import PageFiles, page_headers

# Swagger UI uses inline styles.
_HEADERS = page_headers(styles="'self' 'unsafe-inline'")


def docs_routes(configuration: ApiConfiguration, document: ServedDocument) -> list[BaseRoute]:
    """The routes of the document and the page, if the configuration turns them on.

    They have no `@operation`, so the document does not list them.
    """
    if configuration.openapi_url is None:
        return []
    routes: list[BaseRoute] = [_document_route(configuration.openapi_url, document)]
    if configuration.docs_url is not None:
        routes += _page_routes(configuration.docs_url, configuration.openapi_url, configuration.title)
    return routes


def _document_route(url: str, document: ServedDocument) -> Route:
    async def get_openapi_document(request: Request) -> Response:
        content, digest = document.under(request.scope.get("root_path", ""))
        return await conditional(request, content, digest)

    return Route(url, get_openapi_document, methods=["GET"], name="get_openapi_document")


def _page_routes(url: str, openapi_url: str, title: str) -> list[BaseRoute]:
    page = _page(url, openapi_url, title)

    async def get_docs_page(_request: Request) -> Response:
        return Response(page, headers=_HEADERS, media_type="text/html")

    return [
        Mount(f"{url}/swagger-ui", PageFiles(directory=openapi_folder() / "swagger-ui"), name="swagger_ui"),
        Mount(f"{url}/page", PageFiles(directory=PAGE_FOLDER), name="docs_page_files"),
        Route(url, get_docs_page, methods=["GET"], name="get_docs_page"),
    ]


def _page(url: str, openapi_url: str, title: str) -> str:
    """The page. Its links are relative, so it works wherever the app is mounted."""
    template = Template((PAGE_FOLDER / "index.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(title),
        folder=html.escape(posixpath.basename(url)),
        document=html.escape(posixpath.relpath(openapi_url, posixpath.dirname(url))),
    )
