"""The home of numbers in SQL as the API writes them: amounts of money, prices of one unit, and quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles

from db.currencies import MONEY_SCALE, UNUSUAL_DIGITS, USUAL_DIGITS
from db.json_text import Text, arguments
from db.quantities import QUANTITY_SCALE

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

_UNUSUAL = tuple(code for codes in UNUSUAL_DIGITS.values() for code in codes)


class decimal_text(Text):  # noqa: N801
    """An `Amount` (first argument) as decimal with the digits of its currency (second argument)."""

    name = "decimal_text"


class price_text(Text):  # noqa: N801
    """The same of a price of one unit, which may have more digits than its currency, and has no more than it needs."""

    name = "price_text"


class quantity_text(Text):  # noqa: N801
    """A quantity as JSON number, with no more digits than it needs."""

    name = "quantity_text"


@compiles(decimal_text, "postgresql")
def _(element: decimal_text, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    amount, currency = arguments(element, compiler, **kw)
    cases = "".join(f" WHEN {currency} IN ({_list(codes)}) THEN {digits}" for digits, codes in UNUSUAL_DIGITS.items())
    # One look into one list settles almost every amount.
    digits = f"CASE WHEN {currency} NOT IN ({_list(_UNUSUAL)}) THEN {USUAL_DIGITS}{cases} ELSE {USUAL_DIGITS} END"
    return f"round({amount} * {1 / MONEY_SCALE:.4f}, {digits})::text"


@compiles(decimal_text, "sqlite")
def _(element: decimal_text, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    amount, currency = arguments(element, compiler, **kw)
    cases = "".join(
        f" WHEN {currency} IN ({_list(codes)}) THEN {_digits(amount, digits)}"
        for digits, codes in UNUSUAL_DIGITS.items()
    )
    # Almost every amount, in half the time: a search in one text, and no sign.
    usual = f"{amount} >= 0 AND instr('{' '.join(_UNUSUAL)}', {currency}) = 0 THEN {_unsigned(amount, USUAL_DIGITS)}"
    return f"CASE WHEN {usual} WHEN {amount} IS NULL THEN NULL{cases} ELSE {_digits(amount, USUAL_DIGITS)} END"


@compiles(price_text)
def _(element: price_text, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    amount, currency = arguments(element, compiler, **kw)
    plain = compiler.process(decimal_text(*element.clauses), **kw)
    # A whole hundredth of a usual currency is nearly every price.
    usual = f"{amount} % {MONEY_SCALE // 10**USUAL_DIGITS} = 0 AND {currency} NOT IN ({_list(_UNUSUAL)})"
    cases = "".join(
        f" WHEN {currency} IN ({_list(codes)}) AND {amount} % {MONEY_SCALE // 10**digits} = 0 THEN {plain}"
        for digits, codes in UNUSUAL_DIGITS.items()
    )
    return f"CASE WHEN {usual} THEN {plain}{cases} ELSE {_shortest(compiler, amount, MONEY_SCALE)} END"


@compiles(quantity_text)
def _(element: quantity_text, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    [quantity] = arguments(element, compiler, **kw)
    whole = f"CAST({quantity} / {QUANTITY_SCALE} AS TEXT)"
    return (
        f"CASE WHEN {quantity} % {QUANTITY_SCALE} = 0 THEN {whole}"
        f" ELSE {_shortest(compiler, quantity, QUANTITY_SCALE)} END"
    )


def _shortest(compiler: SQLCompiler, number: str, scale: int) -> str:
    """Return the text of a *number* of 1/*scale*, which has decimals, with no more of them than it needs."""
    digits = len(str(scale)) - 1
    if compiler.dialect.name == "postgresql":
        return f"trim_scale({number} * {1 / scale:.{digits}f})::text"
    return f"rtrim({_digits(number, digits, scale)}, '0')"


def _digits(amount: str, digits: int, scale: int = MONEY_SCALE) -> str:
    if digits == 0:
        return f"CAST({amount} / {scale} AS TEXT)"
    sign = f"substr('-', 1, {amount} < 0)"
    # abs() last: there is none of the least BIGINT.
    fraction = f"abs({amount} % {scale}) / {scale // 10**digits}"
    return f"printf('%s%d.%0{digits}d', {sign}, abs({amount} / {scale}), {fraction})"


def _unsigned(amount: str, digits: int) -> str:
    return f"printf('%d.%0{digits}d', {amount} / {MONEY_SCALE}, {amount} % {MONEY_SCALE} / {MONEY_SCALE // 10**digits})"


def _list(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)
