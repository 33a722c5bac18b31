from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from db.enums import MailKind, Permission
from gateway.operator.settings import PREFIX, DemoSettings, Settings
from resolvers.rules.errors import Limit
from resolvers.rules.rights import contained
from resolvers.rules.roles import BUILT_IN_ROLES

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tests" / "README.md"])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
SCHEMA = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAMED = re.compile(r"`((?:src|tests|docs|bench|findings|db|gateway|resolvers|planner)/[\w./-]+)`")
_MODULE = re.compile(r"`(?:[\w<>./-]+/)?(\w+\.py)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SENT = re.compile(r"-d '(\{.*?\})'$", re.MULTILINE)


def snippets(language: str) -> list[Any]:
    """Return the fenced blocks of *language* in all pages."""
    return [
        pytest.param(block[2], id=f"{page}:{text.count(chr(10), 0, block.start()) + 1}")
        for page, text in TEXTS.items()
        for block in _FENCED.finditer(text)
        if block[1] == language
    ]


@pytest.mark.parametrize("document", snippets("graphql"))
def test_an_operation_in_the_docs_is_valid(document: str) -> None:
    assert [error.message for error in validate(SCHEMA, parse(document))] == []


@pytest.mark.parametrize("body", [body for text in TEXTS.values() for body in _SENT.findall(text)])
def test_a_request_in_the_docs_is_valid(body: str) -> None:
    assert [error.message for error in validate(SCHEMA, parse(json.loads(body)["query"]))] == []


@pytest.mark.parametrize("text", snippets("json"))
def test_json_in_the_docs_is_json(text: str) -> None:
    assert json.loads(text)


def test_the_readme_shows_how_to_ask() -> None:
    assert "```graphql" in TEXTS["README.md"]


@pytest.mark.parametrize("page", TEXTS)
def test_what_a_page_links_to_exists(page: str) -> None:
    links = [link for link in _LINK.findall(_FENCED.sub("", TEXTS[page])) if "://" not in link]
    broken = [link for link in links if not _exists(ROOT / page, link)]

    assert broken == []


@pytest.mark.parametrize("page", ["docs/architecture.md", "tests/README.md"])
def test_a_module_that_a_page_names_without_its_folder_exists(page: str) -> None:
    there = {path.name for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")}

    assert set(_MODULE.findall(TEXTS[page])) - there == set()


@pytest.mark.parametrize("page", TEXTS)
def test_a_file_that_a_page_names_exists(page: str) -> None:
    named = [name for name in _NAMED.findall(_FENCED.sub("", TEXTS[page])) if not _is_there(name)]

    assert named == []


def _is_there(name: str) -> bool:
    # Within a package as its modules import it.
    return any((ROOT / within / name).exists() for within in ("", "src", "src/resolvers"))


def _exists(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or anchor in {_anchor(found) for found in _HEADING.findall(target.read_text(encoding="utf-8"))}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_setting_is_documented_with_its_default() -> None:
    rows = rows_of("docs/settings.md")
    fields = Settings.model_fields | DemoSettings.model_fields

    assert rows.keys() == {f"{PREFIX}{name.upper()}" for name in fields}
    for name, field in Settings.model_fields.items():
        if field.default and not field.is_required():
            assert rows[f"{PREFIX}{name.upper()}"][0] == f"`{field.default}`"


def test_settings_that_are_mentioned_exist() -> None:
    mentioned = {name for text in TEXTS.values() for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)}

    assert mentioned <= rows_of("docs/settings.md").keys()


def test_every_permission_is_documented_with_the_roles_that_grant_it() -> None:
    rows = rows_of("docs/permissions.md")
    granted = {
        permission: ["x" if permission in contained(role.permissions) else "" for role in BUILT_IN_ROLES]
        for permission in Permission
    }

    assert {permission: rows[permission] for permission in Permission} == granted
    assert rows["permission"] == [f"`{role.code}`" for role in BUILT_IN_ROLES]


def rows_of(page: str) -> dict[str, list[str]]:
    """Return the rows of the tables of *page* by what stands, as code, in their first cells."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in TEXTS[page].splitlines() if line[:1] == "|"
    ]
    return {first.strip("`"): rest for first, *rest in rows if first[:1] == "`" or first == "permission"}


def test_every_kind_of_mail_is_documented() -> None:
    assert set(MailKind) == rows_of("docs/mail.md").keys() & set(MailKind)


def test_every_limit_that_the_log_names_is_documented() -> None:
    assert [limit for limit in Limit if f"`{limit}`" not in TEXTS["docs/operations.md"]] == []


def test_figures_that_are_named_exist() -> None:
    entered = "".join(file.read_text("utf-8") for file in (ROOT / "tests" / "fire").glob("*.py"))

    assert set(re.findall(r"\bF(\d+)\b", TEXTS["docs/security.md"])) <= set(re.findall(r"@figure\(\s*(\d+),", entered))


DECISIONS = [name for name in TEXTS if name.startswith("docs/decisions/")]


@pytest.mark.parametrize("page", DECISIONS)
def test_a_decision_has_its_three_parts_and_is_short(page: str) -> None:
    assert re.findall(r"^## (.+)$", TEXTS[page], re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert TEXTS[page].startswith(f"# {int(Path(page).name[:4])}. ")
    assert TEXTS[page].count("\n") <= 40
