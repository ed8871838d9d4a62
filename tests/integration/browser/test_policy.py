"""The Content-Security-Policy of the page blocks other hosts, and `page_watch` notices violations."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from .page_watch import watching
from .servers import altered


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with altered(tmp_path_factory.mktemp("data")) as url:
        yield url


def try_on(browser: Browser, url: str, script: str) -> None:
    with watching(browser, url) as page:
        page.goto(url)
        page.evaluate(script)


@pytest.mark.parametrize(
    ("script", "directive"),
    [
        ("document.body.append(Object.assign(document.createElement('script'), {textContent: '0'}))", "script-src"),
        ("document.body.append(Object.assign(new Image(), {src: 'http://localhost:1/'}))", "img-src"),
        ("fetch('http://localhost:1/').catch(() => 0)", "connect-src"),
    ],
)
def test_the_policy_stops_what_is_not_of_this_host(browser: Browser, root: str, script: str, directive: str) -> None:
    with pytest.raises(AssertionError, match=f"Content Security Policy directive.*{directive} 'self'"):
        try_on(browser, f"{root}/docs", script)


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("fetch('http://localhost:1/').catch(() => 0)", "left the host"),
        ("console.error('so wrong')", "so wrong"),
        ("new Promise((done) => setTimeout(() => { setTimeout(done); throw Error('so broken'); }))", "so broken"),
    ],
)
def test_the_watch_sees_what_goes_wrong(browser: Browser, script: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        try_on(browser, "about:blank", script)
