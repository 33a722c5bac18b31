#!/usr/bin/env bash
# graphql-core 3.3.2: a valid document is reported as invalid once it names one leaf 708 times.
#
# The rule "overlapping fields can be merged" counts its steps, and ends the whole validation with one more error,
# "Validation aborted.", when 500,000 are used up: n equal leaves take n * (n - 1). Nothing but that sentence tells this
# error from a mistake of the client, and the budget is an attribute of a module (MAX_COMPLEXITY_BUDGET), no argument
# of validate(). Another limit, max_errors, ends with a longer sentence, and with one error more than was asked for.
#
# Seen:
#   707 leaves: valid
#   708 leaves: invalid: Validation aborted.
#   3 mistakes, max_errors=2: 3 errors, the last one: Too many validation errors, error limit reached. Validation aborted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check graphql-core==3.3.2
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from graphql import build_schema, parse, validate

schema = build_schema("type Query { name: String }")
for count in (707, 708):
    errors = validate(schema, parse("{ " + "name " * count + "}"))
    print(f"{count} leaves: {'invalid: ' + errors[0].message if errors else 'valid'}")
errors = validate(schema, parse("{ a b c }"), max_errors=2)
print(f"3 mistakes, max_errors=2: {len(errors)} errors, the last one: {errors[-1].message}")
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
707 leaves: valid
708 leaves: invalid: Validation aborted.
3 mistakes, max_errors=2: 3 errors, the last one: Too many validation errors, error limit reached. Validation aborted.
EXPECTED
