"""The home of content types that are not JSON in UTF-8. Browsers send some across sites without asking."""

from __future__ import annotations

REFUSED = (
    None,
    "",
    "text/plain",
    "text/plain; application/json",
    "text/plain;application/json",
    "text/plain,application/json",
    "application/json,text/plain",
    "application/json;text/plain",
    "foo/application/json",
    "application/json/foo",
    "application/jsonp",
    "application/graphql",
    "application/graphql-response+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=utf-7",
    "application/json; charset=iso-8859-1",
    'application/json; charset="utf-16"',
    "application/json; charset=utf-8; charset=utf-16",
    "application/json; charset=utf-8 utf-16",
    "application/json; boundary=x",
    "*/*",
    "json",
)
"""None stands for no header at all."""

ACCEPTED = (
    "application/json",
    "APPLICATION/JSON",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    'application/json ; charset="utf-8" ',
)
