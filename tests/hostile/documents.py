"""The home of hostile documents: each is refused as a whole, with the code beside it."""

from __future__ import annotations

from typing import NamedTuple

EXPENSIVE = "QUERY_TOO_EXPENSIVE"
UNPARSED = "GRAPHQL_PARSE_FAILED"
INVALID = "GRAPHQL_VALIDATION_FAILED"
BAD = "BAD_USER_INPUT"


class Document(NamedTuple):
    """A text, and the code of the refusal that it deserves."""

    text: str
    code: str


def doubling(links: int) -> str:
    """Return a chain of fragments, each of which spreads the next one twice."""
    chain = "".join(f"fragment F{at} on Query {{ ...F{at + 1} ...F{at + 1} }} " for at in range(links))
    return f"{{ ...F0 }} {chain} fragment F{links} on Query {{ __typename }}"


def about_schema(depth: int, start: str) -> str:
    """Return an introspection that goes from types to fields to types, *depth* times."""
    return f"{{ {start} " + "{ fields { type " * depth + "{ name }" + " } }" * depth + " }"


def times(count: int, text: str) -> str:
    """Return a selection of *text* with the numbers up to *count* in it."""
    return "{" + " ".join(text.replace("#", str(at)) for at in range(count)) + "}"


_TEN_ALIASES = "fragment F on Query " + times(10, "a#: __typename")

LARGE = {
    **{f"a doubling chain of {links}": Document(doubling(links), EXPENSIVE) for links in (9, 10, 12)},
    "a doubling chain on the side": Document(doubling(12).replace("...F0", "__typename", 1), EXPENSIVE),
    "50 spreads of 10 aliases": Document(times(50, "...F") + _TEN_ALIASES, EXPENSIVE),
    "1,000 aliases": Document(times(1_000, "a#: __typename"), EXPENSIVE),
    "501 duplicate fields": Document(times(501, "__typename"), EXPENSIVE),
    "500 duplicate objects": Document(times(500, "channel{id}"), EXPENSIVE),
    "249 duplicate objects": Document(times(249, "channel{id}"), EXPENSIVE),
    "200 conflicting arguments": Document(
        "{customer" + times(200, 'order(orderNumber:"#"){id}') + "}",
        EXPENSIVE,
    ),
    "4,000 duplicate fields": Document(times(4_000, "__typename"), EXPENSIVE),
    "150 fragments of one object": Document(
        times(150, "...F#") + " ".join(f"fragment F{at} on Query {{channel{{id}}}}" for at in range(150)), EXPENSIVE
    ),
    "2,000 unknown directives": Document("{ __typename " + "@a" * 2_000 + "}", EXPENSIVE),
    "600 directives of an operation": Document("query " + "@a " * 600 + "{ __typename }", EXPENSIVE),
    "300 operations": Document(" ".join(f"query Q{at} {{ __typename }}" for at in range(300)), BAD),
    "depth 50": Document("{ viewer " + "{ customer { channel" * 25 + " { id } " + "}}" * 25 + "}", EXPENSIVE),
    "depth 3,000": Document("{ a" * 3_000, UNPARSED),
    "inline fragments in one another": Document("{ ..." * 300 + "{ __typename }" + "}" * 300, UNPARSED),
    "a value of 900 lists": Document("{ node(id: " + "[" * 900 + "]" * 900 + ") { id } }", UNPARSED),
    "a value of 400 objects": Document("{ node(id: " + "{a:" * 400 + "1" + "}" * 400 + ") { id } }", UNPARSED),
    "a type of 900 lists": Document("query ($x: " + "[" * 900 + "Int" + "]" * 900 + ") { __typename }", UNPARSED),
    "600 unknown input fields": Document(
        "mutation { authenticate(input: " + times(600, "a#: 1") + ") { __typename } }", EXPENSIVE
    ),
    "490 unknown input fields": Document(
        "mutation { authenticate(input: " + times(490, "a#: 1") + ") { __typename } }", INVALID
    ),
    "330 variables": Document("query (" + " ".join(f"$v{at}: Int" for at in range(330)) + ") { __typename }", INVALID),
    "a name of 60,000 letters": Document("{" + "a" * 60_000 + "}", INVALID),
    "fragments of inline fragments, unused": Document(
        "{ __typename }" + "".join(f" fragment F{at} on Query {{...{{...{{...F{at + 1}}}}}}}" for at in range(99)),
        EXPENSIVE,
    ),
    "fields in one another, unused": Document(
        "{ __typename }" + "".join(f" fragment F{at} on Query {{a{{a{{a{{...F{at + 1}}}}}}}}}" for at in range(99)),
        EXPENSIVE,
    ),
    "two fragments that lead to each other on two ways": Document(
        "{ ...A } fragment A on Customer { x { ...B } y { ...B } } fragment B on Customer { x { ...A } y { ...A } }",
        INVALID,
    ),
    "ten fragments that lead to one another": Document(
        "{ ...F0 } "
        + "".join(
            f"fragment F{at} on Customer " + times(10, "a: x {...F#}").replace("a:", f"a{at}:") for at in range(10)
        ),
        EXPENSIVE,
    ),
    "the schema in 29 ways": Document(
        "{ __schema { types " + times(29, "a#: fields { args { name } type { name } }") + " } }", EXPENSIVE
    ),
    "the schema in its own depth": Document(
        "{ __schema { types { possibleTypes { interfaces { possibleTypes " + times(29, "a#: name") + "}}}}}", EXPENSIVE
    ),
}

WRONG = {
    "nothing": Document(" ", UNPARSED),
    "a comment": Document("# { __typename }", UNPARSED),
    "an empty selection": Document("{ }", UNPARSED),
    "NUL": Document("{ __typename }\0", UNPARSED),
    "a bare surrogate by its escape": Document('{ node(id: "\\ud800") { id } }', UNPARSED),
    "surrogates in the wrong order": Document('{ node(id: "\\udc00\\ud800") { id } }', UNPARSED),
    "a character beyond the last": Document('{ node(id: "\\u{110000}") { id } }', UNPARSED),
    "NUL by its escape": Document('{ node(id: "\\u0000") { id } }', BAD),
    "a name in Cyrillic": Document("{ \u0441hannel }", UNPARSED),
    "a string that does not end": Document('{ node(id: "x) { id } }', UNPARSED),
    "a number with a leading zero": Document("{ customer { orders(first: 01) { totalCount } } }", UNPARSED),
    "5,000 digits": Document("{ customer { orders(first: " + "9" * 5_000 + ") { totalCount } } }", INVALID),
    "1e999": Document("{ customer { orders(first: 1e999) { totalCount } } }", INVALID),
    "NaN": Document("{ customer { orders(first: NaN) { totalCount } } }", INVALID),
    "fragments in a circle": Document(
        "{ viewer { ...A } } fragment A on Viewer { customer { ...B } } fragment B on Customer { channel { id } ...B }",
        INVALID,
    ),
    "a fragment of itself": Document("{ ...A } fragment A on Query { ...A }", INVALID),
    "a missing fragment": Document("{ ...A }", INVALID),
    "a fragment twice": Document(
        "{ ...A } fragment A on Query { __typename } fragment A on Query { __typename }", INVALID
    ),
    "a fragment on a scalar": Document("{ ... on Int { __typename } }", INVALID),
    "an undefined variable": Document("{ node(id: $id) { id } }", INVALID),
    "two operations of one name": Document("query A { __typename } query A { __typename }", INVALID),
    "a typo in a field": Document("{ chanel { id } }", INVALID),
    "a typo in an argument": Document('{ node(idd: "x") { id } }', INVALID),
    "a typo in an enum": Document("{ customer { addresses(type: BILING) { id } } }", INVALID),
    "a typo in an input field": Document("{ customer { orders(filter: {serch: null}) { totalCount } } }", INVALID),
    "a typo in a type": Document("{ ... on Qery { __typename } }", INVALID),
    "a typo in the type of a variable": Document("query ($x: Strng) { __typename }", INVALID),
    "a typo in a directive": Document("{ __typename @skp(if: true) }", INVALID),
    "a typo in a mutation": Document("mutation { autenticate { __typename } }", INVALID),
    "a typo in a member of a union": Document(
        'mutation { authenticate(input: {username: "a", password: "b"}) { ... on AutenticateSuccess { __typename } } }',
        INVALID,
    ),
    "a directive of the schema": Document("{ customer @signedIn { id } }", INVALID),
    "a directive where it can't be": Document("query @include(if: true) { __typename }", INVALID),
    "a selection of a scalar": Document("{ channel { id { x } } }", INVALID),
    "an object without a selection": Document("{ channel }", INVALID),
    "a condition that is null": Document("query ($x: Boolean = true) { __typename @skip(if: null) }", INVALID),
    "a subscription": Document("subscription { __typename }", INVALID),
    "an extension of the schema": Document("extend type Query { a: Int }", INVALID),
    "a deferred fragment": Document("{ ... @defer { __typename } }", INVALID),
}
