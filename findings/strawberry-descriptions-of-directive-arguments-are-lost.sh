#!/usr/bin/env bash
# strawberry-graphql 0.341.2: the description of an argument of a schema directive is printed nowhere, though that of
# the directive is. Seen: `directive @needs(permission: String!) on FIELD_DEFINITION`, without the text of its argument.
# Guessed: a description that `strawberry.field` takes there is printed as that of any other field.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'strawberry-graphql==0.341.2' 'graphql-core==3.3.2'
"$folder/venv/bin/python" - <<'PYTHON'
import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], description="Of the directive.")
class Needs:
    permission: str = strawberry.field(description="Of the argument.")


@strawberry.type
class Query:
    @strawberry.field(directives=[Needs(permission="READ")])
    def name(self) -> str:
        return "a"


sdl = strawberry.Schema(query=Query).as_str()
print(sdl)
assert "Of the directive." in sdl
assert "Of the argument." not in sdl, "it is printed now"
PYTHON
