"""The home of breaking changes: those between two schemas that a changelog does not name."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from graphql import build_schema
from graphql.utilities import find_breaking_changes

if TYPE_CHECKING:
    from pathlib import Path

_COORDINATE = re.compile(r"@\w+(?:\(\w+:\))?|\w+\.\w+(?:\(\w+:\))?")
_TWO_TYPES = re.compile(r"(\w+) (?:was removed from union type|no longer implements interface) (\w+)\.")
_RELEASE = re.compile(r"^## \[?(\d+\.\d+\.\d+)", re.MULTILINE)


class NoHistoryError(Exception):
    """The last release can't be found out, so nothing can be said of changes since."""


def unannounced(old: str, new: str, notes: str) -> list[str]:
    """Return the breaking changes from the SDL *old* to *new* whose coordinates *notes* do not name."""
    changes = find_breaking_changes(build_schema(old), build_schema(new))
    return [
        change.description
        for change in changes
        if not all(_is_named(name, notes) for name in coordinates(change.description))
    ]


def coordinates(description: str) -> tuple[str, ...]:
    """Return what graphql-core's *description* of a change is about: ``Type.field(argument:)``, or types."""
    if two := _TWO_TYPES.match(description):
        return two.groups()
    if one := _COORDINATE.search(description):
        return (one[0],)
    return (description.removeprefix("Standard scalar ").partition(" ")[0],)


def _is_named(name: str, notes: str) -> bool:
    # `Customer` is not named by `Customer.orders` nor by `CustomerFilter`, but by a sentence that ends in it.
    return re.search(rf"(?<![\w.@]){re.escape(name)}(?!\w|\.\w|\()", notes) is not None


def notes_since(changelog: str, tag: str | None) -> str:
    """Return what *changelog* says of the time after the release *tag*."""
    releases = {found[1]: found.start() for found in _RELEASE.finditer(changelog)}
    if tag is None:
        return changelog
    if (version := tag.removeprefix("v")) not in releases:
        msg = f"CHANGELOG.md has no section `## {version}` for the tag {tag}"
        raise NoHistoryError(msg)
    return changelog[: releases[version]]


def last_tag(root: Path, changelog: str) -> str | None:
    """Return the tag ``v*`` of the last release that the work tree *root* contains, None before the first."""
    _git(root, "ls-files", "--error-unmatch", "schema.graphql")  # else it is another project's repository
    tags = _git(root, "tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname").split()
    if not tags and _RELEASE.search(changelog) and _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        msg = "This clone is shallow and has no tag: git fetch --tags --unshallow"
        raise NoHistoryError(msg)
    return tags[0] if tags else None


def sdl_of(root: Path, tag: str) -> str:
    """Return the SDL that the release *tag* had."""
    return _git(root, "show", f"{tag}:./schema.graphql")


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)  # noqa: S603, S607 - git of the caller
    except FileNotFoundError:
        msg = "git is not installed: the SDL of the last release is in the repository only"
        raise NoHistoryError(msg) from None
    except subprocess.CalledProcessError as error:
        msg = f"Not a clone of the repository, or no access to it: {error.stderr.strip()}"
        raise NoHistoryError(msg) from None
    return done.stdout
