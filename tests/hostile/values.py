"""The home of hostile values. All are written alike in JSON and in a document, so each goes into both."""

from __future__ import annotations

ID = "cus_01HV2JCC9T33QXEAXPHCJEC4FA"

NUMBERS = {
    "NaN": "NaN",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "-1e999": "-1e999",
    "1e308": "1e308",
    "5,000 digits": "9" * 5_000,
    "5,000 digits and a half": "9" * 5_000 + ".5",
    "5,000 digits below zero": "-" + "9" * 5_000,
    "2 ** 31": "2147483648",
    "2 ** 63": "9223372036854775808",
    "2 ** 64": "18446744073709551616",
    "a half": "0.5",
    "-1": "-1",
    "0": "0",
}
STRINGS = {
    "NUL": '"\\u0000"',
    "NUL in a text": '"a\\u0000b"',
    "a surrogate": '"\\ud800"',
    "surrogates in the wrong order": '"\\udc00\\ud800"',
    "no character": '"\\uffff"',
    "wildcards": '"%_\\\\%"',
    "quotes": '"\' OR 1=1 --"',
    "40,000 letters": f'"{"x" * 40_000}"',
    "20,000 accents": f'"{chr(0x301) * 20_000}"',
    "an id": f'"{ID}"',
    "an id and more": f'"{ID}x"',
    "a cursor before all time": f'"ORDER_DATE:DESC:0001-01-01T00:00:00+23:59:{ID}"',
    "a cursor after all time": f'"ORDER_DATE:DESC:9999-12-31T23:59:59-23:59:{ID}"',
    "a cursor with NUL": f'"ORDER_DATE:DESC:\\u0000:{ID}"',
    "a cursor of another order": f'"TOTAL:DESC:{"9" * 5_000}:{ID}"',
    "a time before all time": '"0001-01-01T00:00:00+23:59"',
    "a time after all time": '"9999-12-31T23:59:59-23:59"',
    "a time in other digits": '"\\u0662\\u0660\\u0661\\u0668-03-14T10:07:26Z"',
}
OTHERS = {
    "null": "null",
    "true": "true",
    "a list": "[]",
    "a list of null": "[null]",
    "an object": "{}",
    "50 lists": "[" * 50 + "]" * 50,
}
VALUES = NUMBERS | STRINGS | OTHERS
