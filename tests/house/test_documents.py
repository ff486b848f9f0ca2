"""What the documents say is so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.house.sources import PRODUCT, ROOT, files, name_of

MARKDOWN = frozenset({".md"})
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
CODE_WORD = re.compile(r"`(\w+)`")
MAPPED = re.compile(r"^\| `([\w/.*]+)` \|", re.MULTILINE)


@dataclass(frozen=True)
class Term:
    code: str
    banned: tuple[str, ...]


def terms() -> Iterator[Term]:
    """The rows of the glossary's tables that have a column `not`."""
    columns: list[str] = []
    for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns = cells
        elif "not" in columns and not cells[0].startswith("---"):
            row = dict(zip(columns, cells, strict=True))
            yield Term(CODE_WORD.findall(row["code"])[0], tuple(CODE_WORD.findall(row["not"])))


@pytest.fixture(scope="module")
def product() -> dict[str, str]:
    return {name_of(path): path.read_text(encoding="utf-8") for path in files(*PRODUCT)}


@pytest.mark.parametrize("term", list(terms()), ids=lambda term: term.code)
def test_a_word_of_the_glossary_is_in_the_code_and_its_rivals_are_not(term: Term, product: dict[str, str]) -> None:
    assert any(re.search(rf"\b{term.code}|_{term.code}", text) for text in product.values()), "nothing is called so"
    for banned in term.banned:
        rival = re.compile(rf"\b{banned}\b|\b{camel(banned)}\b", re.IGNORECASE if "_" in banned else 0)
        assert [name for name, text in product.items() if rival.search(text)] == [], f"say {term.code}, not {banned}"


def camel(snake: str) -> str:
    return snake.replace("_", "")


def test_the_glossary_was_understood() -> None:
    assert len(list(terms())) > 20


@pytest.mark.parametrize("path", files(suffixes=MARKDOWN), ids=name_of)
def test_a_link_leads_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / unquote(target)).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index) == records


@pytest.mark.parametrize("path", sorted((ROOT / "docs/adr").glob("[0-9]*.md")), ids=name_of)
def test_a_decision_tells_its_context_and_what_would_change_our_mind(path: Path) -> None:
    parts = re.findall(r"^\*\*([\w ]+)\.\*\*", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences", "What would change our mind"]


def test_the_map_shows_what_is_there_and_all_of_it() -> None:
    shown = MAPPED.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    assert [place for place in shown if not list(ROOT.glob(place))] == []
    packages = {name_of(path.parent) for path in files("signalling/", "rooms/") if path.name == "__init__.py"}
    roots = {name for name in packages if name.count("/") == 1}
    assert roots <= set(shown)


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_a_page_is_one_page(document: str) -> None:
    assert len((ROOT / document).read_text(encoding="utf-8").splitlines()) <= 80
