"""A login in a real browser: the cookie is its own, scripts do not see it, and pages of other origins do not use it."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from algomancy_api import ApiConfiguration, ApiLauncher, Token, lifespan
from algomancy_api.auth.tokens import new_secret
from algomancy_api.example import build_example_config

from ...support.clients import eventually, serving
from .page_watch import watching

SECRET = new_secret()

LOG_IN = """
async ([root, token]) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${root}/api/v1/login`, { method: "POST", headers, body: JSON.stringify({ token }) });
  return [answer.status, await answer.json(), document.cookie];
}
"""

#: What came first of a stream.
WATCH = """
(root) => new Promise((resolve) => {
  const source = new EventSource(`${root}/api/v1/sessions/main/events`);
  source.addEventListener("snapshot", () => resolve("snapshot"));
  source.addEventListener("error", () => resolve("error"));
})
"""

CREATE = """
async ([root, name]) => {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ display_name: name });
  return (await fetch(`${root}/api/v1/sessions`, { method: "POST", headers, body })).status;
}
"""

#: What any page can have a browser send without a preflight, with its cookies; it cannot read what comes.
STRIKE = """
(root) => Promise.allSettled(["sessions/main/copy", "sessions/main/run", "logout"].map(
  (path) => fetch(`${root}/api/v1/${path}`, { method: "POST", mode: "no-cors", credentials: "include" })
)).then((outcomes) => outcomes.map((outcome) => outcome.status))
"""


async def elsewhere(_request: Request) -> Response:
    return HTMLResponse("<!doctype html><link rel='icon' href='data:,'><title>elsewhere</title>")


@pytest.fixture(params=["", "/tools/algomancy"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of the example with cookies, on its own or mounted."""
    keywords = {"tokens": [Token("admin", SECRET, "admin")], "cookie_auth": True}
    api = ApiLauncher.build(ApiConfiguration(**build_example_config(tmp_path / "data").as_dict() | keywords))
    app = (
        api
        if not request.param
        else Starlette(routes=[Mount(request.param, api), Route("/", elsewhere)], lifespan=lambda _host: lifespan(api))
    )
    with serving(app, lifespan="on") as url:
        yield url + request.param


def cookies(page: Page) -> list[dict[str, Any]]:
    return [dict(cookie) for cookie in page.context.cookies()]


def test_a_browser_logs_in_and_out(browser: Browser, root: str) -> None:
    with watching(browser, root) as page:
        page.goto(f"{root}/docs")
        assert page.evaluate(LOG_IN, [root, SECRET]) == [
            200,
            {"name": "admin", "access": "admin", "sessions": ["*"]},
            "",
        ]
        [cookie] = cookies(page)
        found = {name: cookie[name] for name in ("name", "path", "httpOnly", "secure", "sameSite")}
        path = root.partition("://")[2].partition("/")[2]
        assert found == {
            "name": "algomancy_login", "path": f"/{path}", "httpOnly": True, "secure": False, "sameSite": "Strict"
        }  # fmt: skip
        page.reload()
        assert page.evaluate(WATCH, root) == "snapshot", "an event stream needs no more"
        assert page.evaluate(CREATE, [root, "made in a browser"]) == 201
        assert (
            page.evaluate("(root) => fetch(`${root}/api/v1/logout`, { method: 'POST' }).then((a) => a.status)", root)
            == 204
        )
        assert cookies(page) == []


def audit_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "algomancy_api.audit"]


def test_a_page_on_another_port_does_nothing_with_the_cookie(
    browser: Browser, root: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is of the same site, so that the browser sends the cookie, however strict it is."""
    with serving(Starlette(routes=[Route("/", elsewhere)])) as other, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{root}/docs")
        page.evaluate(LOG_IN, [root, SECRET])
        before = cookies(page)
        page.goto(other)
        caplog.set_level(logging.INFO, "algomancy_api.audit")
        assert page.evaluate(STRIKE, root) == ["rejected"] * 3, "it reads nothing"
        # A line is written when its response has been sent.
        audit = eventually(lambda: lines if len(lines := audit_lines(caplog)) >= 3 else None)
        # Without the cookie, the first two would be a 401.
        found = sorted((line.split()[1], line.split()[-2]) for line in audit)
        operations = ("copy_session", "log_out", "run_scenarios")
        assert found == [(f'operation="{operation}"', "status=403") for operation in operations]
        assert cookies(page) == before
        page.goto(f"{root}/docs")
        assert page.evaluate(WATCH, root) == "snapshot", "the login goes on"
