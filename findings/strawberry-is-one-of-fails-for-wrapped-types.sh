#!/usr/bin/env bash
# strawberry-graphql 0.341.2 with graphql-core 3.3.2: introspection fails where a tool asks a type that is a list or not
# null whether it is a oneOf input, and a schema of graphql-core that shares the process fails as well.
#
# Making a strawberry.Schema puts a resolver of its own in the place of graphql-core's, in the type __Type that all
# schemas share. It looks for "extensions", which lists and non-null types do not have. So each field whose type is not
# null answers null with an error in Python's words, where graphql-core alone answers null without one.
#
# Seen:
#   graphql-core alone: errors 0, isOneOf None
#   strawberry: errors 1, 'GraphQLNonNull' object has no attribute 'extensions'
#   graphql-core beside it: errors 1, 'GraphQLNonNull' object has no attribute 'extensions'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check strawberry-graphql==0.341.2 graphql-core==3.3.2
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from graphql import build_schema, graphql_sync

QUERY = '{ __type(name: "Query") { fields { type { isOneOf } } } }'
plain = build_schema("type Query { name: String! }")


def told(result):
    errors = result.errors or []
    value = result.data["__type"]["fields"][0]["type"]["isOneOf"]
    return f"errors {len(errors)}, {errors[0].message if errors else f'isOneOf {value}'}"


print("graphql-core alone:", told(graphql_sync(plain, QUERY)))

import strawberry


@strawberry.type
class Query:
    name: str = "x"


schema = strawberry.Schema(query=Query)
print("strawberry:", told(graphql_sync(schema._schema, QUERY)))
print("graphql-core beside it:", told(graphql_sync(plain, QUERY)))
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
graphql-core alone: errors 0, isOneOf None
strawberry: errors 1, 'GraphQLNonNull' object has no attribute 'extensions'
graphql-core beside it: errors 1, 'GraphQLNonNull' object has no attribute 'extensions'
EXPECTED
