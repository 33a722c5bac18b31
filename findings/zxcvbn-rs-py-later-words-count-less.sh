#!/usr/bin/env bash
# zxcvbn-rs-py 0.3.0: of the words that are handed over as user inputs, only the first ones weaken a password.
#
# A user input's place in the list is taken for its rank in a dictionary, as if the list were sorted by how common its
# words are. Behind 600 others a word is as good as unknown: the password gets the score that it has without the list.
# Who hands over a long list of words that nobody should use must hand over those alone that the password is made of.
#
# Seen:
#   without: 3
#   sommer in place 1: 2
#   sommer in place 51: 2
#   sommer in place 601: 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check zxcvbn-rs-py==0.3.0
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from zxcvbn_rs_py import zxcvbn

print(f"without: {int(zxcvbn('Sommer2026!').score)}")
for before in (0, 50, 600):
    words = [f"filler{number:04d}" for number in range(before)] + ["sommer"]
    print(f"sommer in place {before + 1}: {int(zxcvbn('Sommer2026!', words).score)}")
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
without: 3
sommer in place 1: 2
sommer in place 51: 2
sommer in place 601: 3
EXPECTED
