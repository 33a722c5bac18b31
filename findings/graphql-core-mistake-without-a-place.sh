#!/usr/bin/env bash
# graphql-core 3.3.2: a mistake in a literal that is a list or an object has no locations, and shows another literal.
#
# The error is made about a copy of the literal in which variables are replaced, before there are any values: the copy
# has no place in the document, [$v] is shown as [null], and a field that holds a variable is not shown at all. Neither
# is its node one of the document that was validated. A literal without parts has its place.
#
# Seen:
#   { a(s: 1) } -> String cannot represent a non string value: 1 at [(1, 8)], a node of the document: True
#   { a(s: [1]) } -> String cannot represent a non string value: [1] at None, a node of the document: False
#   query ($v: Int) { a(s: [$v]) } -> String cannot represent a non string value: [null] at None, ...: False
#   query ($v: Int) { a(s: {b: $v}) } -> String cannot represent a non string value: {  } at None, ...: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check graphql-core==3.3.2
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from graphql import build_schema, parse, validate

schema = build_schema("type Query { a(s: String): Int }")
for text in ("{ a(s: 1) }", "{ a(s: [1]) }", "query ($v: Int) { a(s: [$v]) }", "query ($v: Int) { a(s: {b: $v}) }"):
    document = parse(text)
    literal = document.definitions[0].selection_set.selections[0].arguments[0].value
    [error] = validate(schema, document)
    places = error.locations and [(place.line, place.column) for place in error.locations]
    print(f"{text} -> {error.message} at {places}, a node of the document: {error.nodes[0] is literal}")
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
{ a(s: 1) } -> String cannot represent a non string value: 1 at [(1, 8)], a node of the document: True
{ a(s: [1]) } -> String cannot represent a non string value: [1] at None, a node of the document: False
query ($v: Int) { a(s: [$v]) } -> String cannot represent a non string value: [null] at None, a node of the document: False
query ($v: Int) { a(s: {b: $v}) } -> String cannot represent a non string value: {  } at None, a node of the document: False
EXPECTED
