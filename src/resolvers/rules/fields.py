"""The home of the forms of fields: objects of the API's shape are read field by field, and checked on the way. Pure.

Such an object comes from a line of a file, where anything may stand, or from an input that GraphQL has parsed already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from db import lengths
from resolvers.rules import card_numbers, custom_data, locales, password_policy
from resolvers.rules.digit_runs import FEWEST, has_enough
from resolvers.rules.email_address import EmailAddress, trimmed
from resolvers.rules.literals import EARLIEST, LATEST, parse_any_time, parse_date, parse_time
from resolvers.rules.shapes import instead
from resolvers.rules.texts import FREE_TEXT, IDENTIFIER, fault_of, identity
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from resolvers.rules.inspection import Inspection
    from resolvers.rules.password_policy import PasswordPolicy
    from resolvers.rules.texts import Fault, Kind

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")

_MOST_UNKNOWN: Final = 20  # are told of one object: a line may have a hundred thousand
# No name and no password, a host of ASCII as it is looked up, no backslash, of which browsers make a slash, and nothing
# that ends an attribute of HTML.
_URL = re.compile(r"https://[a-z0-9.:\[\]-]+(?:[/?#][^\s\\\"<>]*)?", re.IGNORECASE)


class Fields:
    """Reads the fields of one object; each method returns the value to store, or None where there is none.

    A refused value also comes back as None, and stands among the violations of the inspection.
    """

    __slots__ = ("_at", "_fields", "_inspection")

    def __init__(
        self,
        fields: Mapping[str, object],
        inspection: Inspection,
        known: frozenset[str] | None = None,
        at: tuple[str, ...] = (),
    ) -> None:
        """Read *fields*, which stand at the path *at*; refuse those that are not *known*: a typo would lose one."""
        self._fields = fields
        self._inspection = inspection
        self._at = at
        if known is not None and not fields.keys() <= known:
            for name in sorted(fields.keys() - known)[:_MOST_UNKNOWN]:
                self.refuse(name, ViolationCode.UNKNOWN, "There is no such field. Check how it is written.")

    def refuse(
        self, name: str, code: ViolationCode, explanation: str | None = None, *, limit: int | None = None
    ) -> None:
        """Note what is wrong with the field *name*."""
        self._inspection.add((*self._at, name), code, limit, explanation)

    def text(
        self, name: str, limit: int, kind: Kind = FREE_TEXT, *, required: bool = False, multiline: bool = False
    ) -> str | None:
        """Read a text of at most *limit* characters; blanks alone are nothing, and those around an identifier too."""
        value = self._fields.get(name)
        if value is None and not required:
            return None
        if kind is IDENTIFIER and isinstance(value, str):
            value = identity(value)
        # Nearly every text there is, at half the price: what is printable and has few digits can't be refused.
        if (
            isinstance(value, str)
            and len(value) <= limit
            and value.isprintable()
            and value
            and not value.isspace()
            and (len(value) < FEWEST or not has_enough(value))
            and (kind is not IDENTIFIER or value.isascii())
        ):
            return value
        fault = fault_of(value, limit, kind, required=required, multiline=multiline)
        return self._unless((*self._at, name), fault, value)

    def _unless(self, at: tuple[str, ...], fault: Fault | None, value: object) -> str | None:
        if fault:
            self._inspection.add(at, *fault)
            return None
        return value if isinstance(value, str) and value.strip() else None

    def email_address(self, name: str, *, required: bool = False) -> EmailAddress | None:
        """Read an e-mail address."""
        if not (text := self.sent_text(name, required=required, trim=True)):
            return None
        try:
            address = EmailAddress.parse(text)
        except ValueError:
            if len(text) > lengths.EMAIL_ADDRESS:
                self.refuse(name, ViolationCode.TOO_LONG, limit=lengths.EMAIL_ADDRESS)
            else:
                self.misspelt(name, "Write an e-mail address, such as name@example.com.")
            return None
        if card_numbers.in_free_text(text):
            self.refuse(name, ViolationCode.NOT_ALLOWED, card_numbers.EXPLANATION)
            return None
        return address

    def username(self, name: str) -> str | None:
        """Read what somebody signs in with, to be looked up: what is no address is nobody's."""
        text = self.sent_text(name, trim=True)
        return self._unless((*self._at, name), fault_of(text, lengths.EMAIL_ADDRESS), text)

    def locale(self, name: str, *, required: bool = False) -> str | None:
        """Read a locale, and normalise it; None also where it says that it is not determined."""
        if not (text := self.sent_text(name, required=required, trim=True)):
            return None
        try:
            return locales.normalised(text)
        except ValueError:
            self.misspelt(name, "Write a language and a country, such as de_CH.")
            return None

    def password(self, name: str, policy: PasswordPolicy, own_words: Iterable[str]) -> str | None:
        """Read a new password; return it as it is hashed."""
        if not (text := self.sent_text(name, required=True)):
            return None
        for code, limit in (found := password_policy.violations(text, policy, own_words)).items():
            self.refuse(name, code, limit=limit)
        return None if found else password_policy.normalised(text)

    def code(
        self,
        name: str,
        is_one: Callable[[str], bool],
        wrong: str,
        spelled: Callable[[str], str] = str.upper,
        *,
        required: bool = False,
    ) -> str | None:
        """Read a text of which *is_one* is true; *wrong* tells what is wanted, *spelled* how one of a file is meant."""
        value = self.value(name, required=required)
        if isinstance(value, str) and self._inspection.of_file and not is_one(value):
            value = spelled(value)
        if value is None or (isinstance(value, str) and is_one(value)):
            return value
        self.misspelt(name, wrong)
        return None

    def member(self, name: str, members: type[E], *, required: bool = False) -> E | None:
        """Read a member of an enumeration by its name."""
        value = self.value(name, required=required)
        if value is None:
            return None
        known = members._value2member_map_
        if isinstance(value, str) and value not in known and self._inspection.of_file:
            value = value.upper().replace(" ", "_").replace("-", "_")
        member = known.get(value) if isinstance(value, str) else None
        if isinstance(member, members):
            return member
        self.misspelt(name, f"Write one of {', '.join(members)}.")
        return None

    def time(self, name: str, *, required: bool = False) -> datetime | None:
        """Read a point in time."""
        parse = parse_any_time if self._inspection.of_file else parse_time
        time = self.parsed(name, datetime, parse, required=required)
        if time is None or EARLIEST <= time < LATEST:
            return time
        self.wrong(name, "Write a time of the years 1900 to 2999.")
        return None

    def date_of_birth(self, name: str, today: date) -> date | None:
        """Read the day on which somebody alive can have been born."""
        day = self.parsed(name, date, parse_date)
        if day is None or EARLIEST.date() <= day <= today:
            return day
        self.wrong(name, "Nobody who lives was born then. Check the date.")
        return None

    def day(self, name: str) -> date | None:
        """Read a date."""
        day = self.parsed(name, date, parse_date)
        if day is None or EARLIEST.date() <= day < LATEST.date():
            return day
        self.wrong(name, "Write a date of the years 1900 to 2999.")
        return None

    def url(self, name: str, limit: int, *, required: bool = False) -> str | None:
        """Read the address of a page, which nobody can change on its way."""
        text = self.text(name, limit, IDENTIFIER, required=required)
        if text is None or _URL.fullmatch(text):
            return text
        self.misspelt(name, "Write an address that begins with https://, without blanks and quotation marks.")
        return None

    def boolean(self, name: str, *, default: bool) -> bool:
        """Read true or false; *default* where neither is told."""
        value = self.value(name, required=False)
        if isinstance(value, str) and self._inspection.of_file:
            value = {"true": True, "false": False}.get(value.lower(), value)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.misspelt(name, "Write true or false.")
        return default

    def texts(self, name: str, limit: int, most: int, kind: Kind = FREE_TEXT) -> list[str]:
        """Read a list of at most *most* different texts of at most *limit* characters each."""
        values = self._list(name, most)
        if kind is IDENTIFIER:
            values = [identity(value) if isinstance(value, str) else value for value in values]
        for position, value in enumerate(values):
            self._unless((*self._at, name, str(position)), fault_of(value, limit, kind, required=True), value)
        return list(dict.fromkeys(value for value in values if isinstance(value, str)))

    def json(self, name: str) -> object:
        """Read any JSON that both databases keep and read again."""
        value = self._fields.get(name)
        if value is None:
            return None
        if wrong := custom_data.violation_of(value):
            self.refuse(name, *wrong)
            return None
        return value

    def part(self, name: str, known: frozenset[str] | None = None) -> Fields | None:
        """Return the object *name*, None if there is none."""
        value = self._fields.get(name)
        return None if value is None else self._object((*self._at, name), value, known)

    def parts(self, name: str, known: frozenset[str], most: int, *, required: bool = False) -> list[Fields]:
        """Return the objects of the list *name*, *most* of them at most."""
        values = enumerate(self._list(name, most, required=required))
        parts = [self._object((*self._at, name, str(position)), value, known) for position, value in values]
        return [part for part in parts if part is not None]

    def _object(self, at: tuple[str, ...], value: object, known: frozenset[str] | None) -> Fields | None:
        if isinstance(value, Mapping):
            return Fields(value, self._inspection, known, at)
        self._inspection.add(at, ViolationCode.INVALID, None, instead("Write an object.", value))
        return None

    def sent_text(self, name: str, *, required: bool = False, trim: bool = False) -> str:
        """Return a text as it was sent, or *trim* it, "" for none; refuse what is no text."""
        value = self._fields.get(name)
        if value is not None and not isinstance(value, str):
            self.misspelt(name, "Write a text.")
            return ""
        text = trimmed(value or "") if trim else value or ""
        if required and not text:
            self.refuse(name, ViolationCode.REQUIRED)
        return text

    def _list(self, name: str, most: int, *, required: bool = False) -> Sequence[object]:
        value = self.value(name, required=required)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.misspelt(name, "Write a list.")
            return ()
        if len(value) > most:
            self.refuse(name, ViolationCode.TOO_MANY, limit=most)
            return ()
        return value

    def value(self, name: str, *, required: bool) -> Any:  # noqa: ANN401 - whatever stands there
        """Return what is not there, or is empty, as None."""
        value = self._fields.get(name)
        if isinstance(value, str):
            value = trimmed(value)
        if value is None or value == "":
            if required:
                self.refuse(name, ViolationCode.REQUIRED)
            return None
        return value

    def parsed(self, name: str, kind: type[V], parse: Callable[[object], V], *, required: bool = False) -> V | None:
        """Read what *parse* makes of a value, unless it is of its *kind* already."""
        value = self.value(name, required=required)
        if value is None or isinstance(value, kind):
            return value
        try:
            return parse(value)
        except ValueError as error:
            self.misspelt(name, str(error))
            return None

    def misspelt(self, name: str, wanted: str) -> None:
        """Note that the field *name* is not written as *wanted*, and what stands there by its class."""
        self.wrong(name, instead(wanted, self._fields.get(name)))

    def wrong(self, name: str, explanation: str) -> None:
        """Note that the field *name* has not the form that it needs."""
        self.refuse(name, ViolationCode.INVALID, explanation)
