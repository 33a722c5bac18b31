"""The home of inputs as they were sent: in the shape that rules read, wherever an object comes from."""

from __future__ import annotations

from enum import Enum
from typing import Any

from strawberry import UNSET, Some
from strawberry.types.base import has_object_definition
from strawberry.utils.str_converters import to_camel_case


def sent(input_: Any) -> Any:  # noqa: ANN401 - an input object, and what is in it
    """Return an input object by the API's names, without what was left out; so are those inside.

    What may be emptied is declared as `strawberry.Maybe[T | None]`: null stays, and is told from what was left out.
    """
    if isinstance(input_, list):
        # Not what is in a scalar: JSON may be nested deeper than we may call.
        return [sent(item) if has_object_definition(type(item)) else item for item in input_]
    if not has_object_definition(type(input_)) or isinstance(input_, Enum):
        return input_
    found = {}
    for field in type(input_).__strawberry_definition__.fields:
        value = getattr(input_, field.python_name)
        if value is not None and value is not UNSET:
            inside = value.value if isinstance(value, Some) else value
            found[field.graphql_name or to_camel_case(field.python_name)] = sent(inside)
    return found
