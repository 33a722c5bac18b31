"""The home of what is asked about addresses and stands in no table: the rules of countries, as forms need them."""

from __future__ import annotations

from collections.abc import Sequence

from resolvers.addresses.labels import LANGUAGES, label
from resolvers.addresses.postal import AddressField, CountryRules, rules_of
from resolvers.addresses.rules import text_form
from resolvers.rules import locales
from resolvers.rules.countries import CODES
from resolvers.sdl.descriptions import api_type, described_enum

AddressFieldName = described_enum(AddressField)


@api_type
class AddressOption:
    """Something to choose from, such as a state."""

    code: str
    """What to send."""
    name: str
    """What to show, in the language of the reader where it is known."""


@api_type
class AddressFieldRule:
    """What a form asks for in one field."""

    field: AddressField
    """The field."""
    label: str
    """What the field is called in that country, in the language of the reader."""
    required: bool
    """Whether an address without it is refused."""
    max_length: int
    """How many characters it has at most."""
    options: list[AddressOption]
    """What may be chosen; empty where people type."""


@api_type
class AddressRules:
    """What an address needs in a country: what a form asks for, and what will be refused."""

    country: str
    """Country, ISO 3166-1 alpha-2."""
    fields: list[AddressFieldRule]
    """The fields to ask for, in the order of the lines."""
    lines: list[list[AddressField]]
    """The lines of an address as they are written there."""
    zip_code_pattern: str | None
    """A regular expression for the whole post code; null where the country has none. Codes in small letters, spaced
    otherwise or with the country's prefix are taken as well."""
    zip_code_examples: list[str]
    """Post codes of the country."""


def address_rules(country: str, wanted: Sequence[str]) -> AddressRules | None:
    """Return what an address needs in *country*, in the first language *wanted* that is spoken; None for no country."""
    if country not in CODES:
        return None
    rules = rules_of(country)
    language = locales.first_fit(wanted, LANGUAGES)
    zip_code = rules.zip_code
    needs_zip_code = zip_code is not None and zip_code.is_required
    return AddressRules(
        country=country,
        fields=[_field_rule(field, rules, language, needs_zip_code=needs_zip_code) for field in rules.fields],
        lines=[list(line) for line in rules.lines],
        zip_code_pattern=None if zip_code is None else zip_code.pattern,
        zip_code_examples=list(zip_code.examples) if zip_code else [],
    )


def _field_rule(field: AddressField, rules: CountryRules, language: str, *, needs_zip_code: bool) -> AddressFieldRule:
    form = text_form(field.lower())
    return AddressFieldRule(
        field=field,
        label=label(field, language, rules.kinds.get(field)),
        required=form.required or form.by_hand or (needs_zip_code and field is AddressField.ZIP_CODE),
        max_length=form.limit,
        options=_options(rules.regions(language)) if field is AddressField.REGION else [],
    )


def _options(regions: tuple[tuple[str, str], ...]) -> list[AddressOption]:
    return [AddressOption(code=code, name=name) for code, name in regions]
