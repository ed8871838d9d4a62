"""Every relative link of a page leads to a file and, if it has an anchor, to a heading there."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from .pages import PAGES, ROOT, text_of

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

_OTHERS = ["SECURITY.md", "benchmarks/README.md", "algomancy_api/example/data/README.md", "clients/python/README.md"]


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", without_code(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, *_OTHERS])
def test_the_links_of_a_page_resolve(page: str) -> None:
    path = ROOT / page
    links = [link for link in _LINK.findall(without_code(path.read_text())) if not link.startswith("http")]
    broken = []
    for link in links:
        name, _, anchor = unquote(link).partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_readme_leads_to_every_page() -> None:
    links = set(_LINK.findall(text_of("README.md")))
    assert {page for page in PAGES if page != "README.md"} <= links


def test_the_readme_is_short() -> None:
    assert len(text_of("README.md").splitlines()) <= 150
