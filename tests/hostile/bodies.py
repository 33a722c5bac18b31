"""The home of hostile bodies: what a POST may hold in place of a request."""

from __future__ import annotations

from gateway.http.requests import MAX_BODY

_ASKED = b'"query":"{ __typename }"'
_TWO_OPERATIONS = b'{"query":"query A { __typename } query B { __typename }"'

REFUSED = {
    "a number": b"1",
    "a string": b'"abc"',
    "null": b"null",
    "true": b"true",
    "an empty array": b"[]",
    "an array of 51": b"[" + b"{}," * 50 + b"{}]",
    "an array of 20,000": b"[" + b"1," * 20_000 + b"1]",
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "NUL": b"\0",
    "an object that is not closed": b"{",
    "an object with a comma too many": b"{" + _ASKED + b",}",
    "two objects": b"{" + _ASKED + b"}{" + _ASKED + b"}",
    "a comment": b"{/* */" + _ASKED + b"}",
    "single quotes": b"{'query':'{ __typename }'}",
    "no UTF-8": b"\xff\xfe",
    "no UTF-8 in a string": b'{"query":"{ __typename } #\xff"}',
    "a surrogate in UTF-8": b'{"query":"{ __typename } #\xed\xa0\x80"}',
    "a byte order mark": b"\xef\xbb\xbf{" + _ASKED + b"}",
    "UTF-16": '{"query":"{ __typename }"}'.encode("utf-16"),
    "a bare surrogate": b'{"query":"\\ud800"}',
    "a bare surrogate in a name": b'{"\\udfff":1,' + _ASKED + b"}",
    "an integer of 5,000 digits": b"9" * 5_000,
    "20,000 arrays in one another": b"[" * 20_000,
    "10,000 objects in one another": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "5,000 arrays in a variable": b"{" + _ASKED + b',"variables":{"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
    "an empty object": b"{}",
    "no query": b'{"variables":{}}',
    "query null": b'{"query":null}',
    "query empty": b'{"query":""}',
    "query a number": b'{"query":1}',
    "query an array": b'{"query":["{ __typename }"]}',
    "query an object": b'{"query":{}}',
    "variables an array": b"{" + _ASKED + b',"variables":[1]}',
    "variables a string": b"{" + _ASKED + b',"variables":"{}"}',
    "variables false": b"{" + _ASKED + b',"variables":false}',
    "variables zero": b"{" + _ASKED + b',"variables":0}',
    "extensions a string": b"{" + _ASKED + b',"extensions":"{}"}',
    "extensions an array": b"{" + _ASKED + b',"extensions":[{}]}',
    "operationName a number": b"{" + _ASKED + b',"operationName":1}',
    "operationName an array": b"{" + _ASKED + b',"operationName":["A"]}',
    "NaN": b"{" + _ASKED + b',"variables":{"x":NaN}}',
    "Infinity": b"{" + _ASKED + b',"variables":{"x":Infinity}}',
    "a hexadecimal number": b"{" + _ASKED + b',"variables":{"x":0x1}}',
}
"""By what they are. Each is a 400 BAD_USER_INPUT that leaves the connection open."""

NOT_EXECUTED = {
    "a document of blanks": (b'{"query":"  "}', "GRAPHQL_PARSE_FAILED"),
    "NUL in the document": (b'{"query":"{ __typename }\\u0000"}', "GRAPHQL_PARSE_FAILED"),
    "two operations without a name": (_TWO_OPERATIONS + b"}", "BAD_USER_INPUT"),
    "two operations with another name": (_TWO_OPERATIONS + b',"operationName":"C"}', "BAD_USER_INPUT"),
    "a name of blanks": (b"{" + _ASKED + b',"operationName":" "}', "BAD_USER_INPUT"),
    "a key in place of a document": (b'{"documentId":"abc"}', "PERSISTED_QUERY_NOT_SUPPORTED"),
    "a hash in place of a document": (
        b'{"query":"","extensions":{"persistedQuery":{"version":1,"sha256Hash":"0"}}}',
        "PERSISTED_QUERY_NOT_SUPPORTED",
    ),
    "a name that differs by case": (_TWO_OPERATIONS + b',"operationName":"a"}', "BAD_USER_INPUT"),
    "a fragment alone": (b'{"query":"fragment F on Query { __typename }"}', "GRAPHQL_VALIDATION_FAILED"),
    "a schema": (b'{"query":"type Query { a: Int }"}', "GRAPHQL_VALIDATION_FAILED"),
    "a subscription": (b'{"query":"subscription { __typename }"}', "GRAPHQL_VALIDATION_FAILED"),
}
"""Requests of a right shape, with the code of what is wrong about their documents."""

EXECUTED = {
    "a name twice": b'{"query":"{ nope }",' + _ASKED + b"}",
    "1e999 in a variable that is not declared": b"{" + _ASKED + b',"variables":{"x":1e308}}',
    "nothing in all ways": b"{" + _ASKED + b',"variables":[],"operationName":"","extensions":null}',
    "unknown members": b"{" + _ASKED + b',"id":1,"__proto__":{"x":1}}',
    "escapes": b'{"\\u0071uery":"{ \\u005f_typename }"}',
}
"""Odd, and answered. Of two members with one name the last counts, as for nearly every reader of JSON: nothing stands
before the gateway that judges a body by the first, and to refuse them a second parser would be needed."""

TOO_LONG = {
    "one byte too many": b" " * (MAX_BODY + 1),
    "8 MB": b"{" + _ASKED + b',"x":"' + b"x" * 8_000_000 + b'"}',
}
"""Each is a 413."""
