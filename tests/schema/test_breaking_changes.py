from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.schema import ROOT, SDL
from tests.schema.breaking import NoHistoryError, last_tag, notes_since, sdl_of, unannounced

if TYPE_CHECKING:
    from pathlib import Path

OLD = """
directive @secret(why: String) on FIELD_DEFINITION | ARGUMENT_DEFINITION
scalar Date
interface Node { id: ID! }
enum Status { OPEN CLOSED }
type Order implements Node { id: ID! number: String! status: Status! }
type Customer implements Node { id: ID! name: String! orders(first: Int, status: Status): [Order!]! born: Date }
type Failure { message: String! }
union Result = Customer | Failure
input Filter { search: String }
type Query { customer(filter: Filter): Result node(id: ID!): Node }
"""
CHANGES = {
    "Field Customer.name was removed.": ("name: String! ", "", "Customer.name"),
    "Field Order.number changed type from String! to String.": ("number: String!", "number: String", "Order.number"),
    "Enum value Status.CLOSED was removed.": (" CLOSED", "", "Status.CLOSED"),
    "Argument Customer.orders(status:) was removed.": (", status: Status", "", "Customer.orders(status:)"),
    "A required argument Query.node(kind:) was added.": (
        "node(id: ID!)",
        "node(id: ID!, kind: Int!)",
        "Query.node(kind:)",
    ),
    "A required field Filter.mine was added.": ("search: String", "search: String mine: Boolean!", "Filter.mine"),
    "Failure was removed from union type Result.": ("Customer | Failure", "Customer", "Failure of Result"),
    "Order no longer implements interface Node.": ("type Order implements Node", "type Order", "Order as Node"),
    "Argument @secret(why:) was removed.": ("@secret(why: String)", "@secret", "@secret(why:)"),
    "ARGUMENT_DEFINITION was removed from @secret.": (" | ARGUMENT_DEFINITION", "", "@secret"),
    "Date changed from a Scalar type to an Enum type.": ("scalar Date", "enum Date { TODAY }", "Date"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_breaking_change_must_be_named(change: str) -> None:
    before, after, name = CHANGES[change]
    assert before in OLD
    new = OLD.replace(before, after, 1)

    assert unannounced(OLD, new, "Added more.") == [change]
    assert unannounced(OLD, new, f"Took away {name}.") == []


def test_a_type_that_is_gone_must_be_named() -> None:
    new = OLD.replace("scalar Date\n", "").replace(" born: Date", "")

    assert unannounced(OLD, new, "- Removed `Customer.born`.") == ["Date was removed."]
    assert unannounced(OLD, new, "- Removed `Customer.born` and the scalar `Date`.") == []


@pytest.mark.parametrize("notes", ["Customer.nameless", "MyCustomer.name", "name", "Customer", "Customer.name(first:)"])
def test_similar_names_announce_nothing(notes: str) -> None:
    assert unannounced(OLD, OLD.replace("name: String! ", ""), notes) == ["Field Customer.name was removed."]


def test_additions_need_no_notes() -> None:
    new = OLD.replace("CLOSED", "CLOSED LOST").replace("born: Date", "born: Date died: Date")

    assert unannounced(OLD, new, "") == []


CHANGELOG = "# Changelog\n\n## Unreleased\n\nnew\n\n## 1.1.0 - 2027-01-01\n\nmiddle\n\n## [1.0.0]\n\nold\n"


def test_notes_are_those_above_the_section_of_the_tag() -> None:
    assert notes_since(CHANGELOG, None) == CHANGELOG
    assert "middle" not in notes_since(CHANGELOG, "v1.1.0")
    assert "middle" in notes_since(CHANGELOG, "v1.0.0")
    assert "old" not in notes_since(CHANGELOG, "v1.0.0")
    with pytest.raises(NoHistoryError, match=r"1\.2\.0"):
        notes_since(CHANGELOG, "v1.2.0")


def test_the_last_tag_is_the_highest_version_before(tmp_path: Path) -> None:
    _git(tmp_path, "init")
    _commit(tmp_path, "type Query { a: Int }")
    assert last_tag(tmp_path, CHANGELOG) is None
    _git(tmp_path, "tag", "v1.9.0")
    _commit(tmp_path, "type Query { b: Int }")
    _git(tmp_path, "tag", "v1.10.0")
    _git(tmp_path, "tag", "other")
    _commit(tmp_path, "type Query { c: Int }")

    assert last_tag(tmp_path, CHANGELOG) == "v1.10.0"
    assert sdl_of(tmp_path, "v1.10.0") == "type Query { b: Int }"


def test_a_copy_without_history_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoHistoryError, match="Not a clone"):
        last_tag(tmp_path, CHANGELOG)


def test_a_clone_without_tags_is_told(tmp_path: Path) -> None:
    _git(tmp_path, "init", "whole")
    _commit(tmp_path / "whole", "type Query { a: Int }")
    _commit(tmp_path / "whole", "type Query { b: Int }")
    _git(tmp_path, "clone", "--depth=1", f"file://{tmp_path}/whole", "shallow")

    assert last_tag(tmp_path / "shallow", "## Unreleased\n") is None
    with pytest.raises(NoHistoryError, match="shallow"):
        last_tag(tmp_path / "shallow", CHANGELOG)


def test_every_breaking_change_since_the_last_release_is_in_the_changelog(capsys: pytest.CaptureFixture[str]) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    tag = last_tag(ROOT, changelog)
    if tag is None:
        with capsys.disabled():
            print("\nThere is no tag v* yet: the SDL has not been released, and nothing of it can break.")  # noqa: T201
    released = SDL if tag is None else sdl_of(ROOT, tag)

    unnamed = unannounced(released, SDL, notes_since(changelog, tag))

    assert unnamed == [], f"breaking since {tag}: name each in the Unreleased section of CHANGELOG.md"


def _git(directory: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(directory), *identity, *arguments], check=True, capture_output=True)  # noqa: S603, S607


def _commit(directory: Path, sdl: str) -> None:
    (directory / "schema.graphql").write_text(sdl, encoding="utf-8")
    _git(directory, "add", "schema.graphql")
    _git(directory, "commit", "--message", sdl, "--no-verify")
