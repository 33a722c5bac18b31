"""The home of descriptions: the docstring under a field or an enum member is its description in the SDL."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

import strawberry
from strawberry import UNSET
from strawberry.types.field import StrawberryField

from db import lengths

if TYPE_CHECKING:
    from enum import Enum

_LENGTH = re.compile("{([A-Z_]+)}")

T = TypeVar("T")
E = TypeVar("E", bound="Enum")


def described(text: str | None) -> str | None:
    """Return the docstring *text* as description: without indentation, without line breaks inside a paragraph.

    `{NAME}` becomes the number of `db.lengths` that is called so.
    """
    if text is None:
        return None
    filled = _LENGTH.sub(lambda found: str(getattr(lengths, found[1])), text)
    paragraphs = inspect.cleandoc(filled).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def attribute_descriptions(cls: type) -> dict[str, str]:
    """Return the docstrings that stand under the attributes of *cls*, by attribute."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    found: dict[str, str] = {}
    name: str | None = None
    for statement in definition.body if isinstance(definition, ast.ClassDef) else ():
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                continue
            case ast.Expr(value=ast.Constant(value=str(text))) if name is not None:
                found[name] = described(text) or ""
        name = None
    return found


def described_enum(cls: type[E]) -> type[E]:
    """Make *cls* an enum of the API whose members are described by their docstrings."""
    strawberry.enum(cls, description=described(cls.__doc__))
    texts = attribute_descriptions(cls)
    for member in cls.__strawberry_definition__.values:  # type: ignore[attr-defined]  # set by the line above
        member.description = texts[member.name]
    return cls


def describe(cls: type) -> None:
    """Give each plain attribute of *cls* a Strawberry field with its docstring as description.

    A default of None means that the field may be left out; the SDL shows no default for it.
    """
    texts = attribute_descriptions(cls)
    for name, annotation in inspect.get_annotations(cls).items():
        default = cls.__dict__.get(name, dataclasses.MISSING)
        if "Private[" in str(annotation):
            continue
        if isinstance(default, StrawberryField):
            default.description = texts.get(name)
        else:
            default = UNSET if default is None else default
            setattr(cls, name, strawberry.field(description=texts.get(name), default=default))


@dataclass_transform(kw_only_default=True)
def api_type(cls: type[T]) -> type[T]:
    """Make *cls* an object type of the API, described by its docstrings."""
    describe(cls)
    return strawberry.type(cls, description=described(cls.__doc__))


@dataclass_transform(kw_only_default=True)
def api_interface(cls: type[T]) -> type[T]:
    """Make *cls* an interface of the API, described by its docstrings."""
    describe(cls)
    return strawberry.interface(cls, description=described(cls.__doc__))


@dataclass_transform(kw_only_default=True)
def api_input(cls: type[T]) -> type[T]:
    """Make *cls* an input of the API, described by its docstrings."""
    describe(cls)
    return strawberry.input(cls, description=described(cls.__doc__))
