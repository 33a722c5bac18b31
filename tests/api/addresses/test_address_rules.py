"""What a form is told is what a mutation judges by: what is allowed is taken, and what is refused was to be seen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.addresses.postal import AddressField
from resolvers.addresses.queries import address_rules
from resolvers.addresses.rules import checked_new_address
from resolvers.rules.countries import CODES
from resolvers.rules.errors import InvalidInput
from tests.api.signing_in import a_shop

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.addresses.queries import AddressRules

COUNTRIES = sorted(CODES)
NAMES = {
    AddressField.TITLE: "title",
    AddressField.FIRST_NAME: "firstName",
    AddressField.LAST_NAME: "lastName",
    AddressField.COMPANY: "company",
    AddressField.STREET: "street",
    AddressField.ZIP_CODE: "zipCode",
    AddressField.CITY: "city",
    AddressField.REGION: "region",
}
LETTERS = st.characters(categories=["L", "N", "P", "Zs"])


def rules_for(country: str, *wanted: str) -> AddressRules:
    found = address_rules(country, wanted or ("en",))
    assert found is not None
    return found


def refused(country: str, typed: dict[str, Any]) -> set[str]:
    """Return the fields that a mutation refuses."""
    try:
        checked_new_address(typed | {"type": "BILLING", "country": country}, by_country=True)
    except InvalidInput as error:
        return {violation.field[-1] for violation in error.violations}
    return set()


def allowed(rules: AddressRules, draw: st.DataObject) -> dict[str, Any]:
    """Return something that the rules allow: whatever is required, and some of the rest."""
    typed = {}
    for rule in rules.fields:
        text = st.text(LETTERS, min_size=1, max_size=rule.max_length).filter(lambda text: bool(text.strip()))
        if rule.options:
            text = st.sampled_from([option.code for option in rule.options])
        if rule.field is AddressField.ZIP_CODE and rules.zip_code_examples:
            text = st.sampled_from(rules.zip_code_examples)
        if rule.required or draw.draw(st.booleans()):
            typed[NAMES[rule.field]] = draw.draw(text)
    return typed


@given(st.sampled_from(COUNTRIES), st.data())
def test_whatever_the_rules_allow_is_taken(country: str, data: st.DataObject) -> None:
    typed = allowed(rules_for(country), data)

    assert refused(country, typed) == set()


@given(st.sampled_from(COUNTRIES), st.data())
def test_whatever_is_refused_was_to_be_seen(country: str, data: st.DataObject) -> None:
    rules = rules_for(country)
    typed = allowed(rules, data)
    for name in list(typed):
        change = data.draw(st.sampled_from(["stays", "goes", "grows", "turns"]))
        typed[name] = {"stays": typed[name], "goes": None, "grows": typed[name] * 60, "turns": "?"}[change]

    seen = set()
    for rule in rules.fields:
        text = typed.get(NAMES[rule.field])
        is_wrong = text is None and rule.required
        is_wrong |= text is not None and len(text) > rule.max_length
        if rule.field is AddressField.ZIP_CODE and text is not None and rules.zip_code_pattern:
            is_wrong |= not re.fullmatch(rules.zip_code_pattern, text)
        seen |= {NAMES[rule.field]} if is_wrong else set()
    assert refused(country, typed) <= seen


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_region_has_a_code_that_fits_and_every_field_a_label(country: str) -> None:
    for language in ("en", "de", "fr", "it"):
        for rule in rules_for(country, language).fields:
            assert rule.label
            assert all(0 < len(option.code) <= rule.max_length for option in rule.options)


@pytest.mark.anyio
@pytest.mark.either_database
@pytest.mark.parametrize(
    ("wanted", "label"), [(("de_CH",), "Postleitzahl"), (("es", "it_IT"), "Codice postale"), (("es",), "Postcode")]
)
async def test_labels_are_in_a_language_of_the_reader(database: Database, wanted: tuple[str, ...], label: str) -> None:
    shop = (await a_shop(database)).by(locales=wanted)
    text = '{ addressRules(country: "CH") { lines fields { field label } } channel { code } __typename }'

    answer = json.loads(await shop.body(text))["data"]

    assert {"field": "ZIP_CODE", "label": label} in answer["addressRules"]["fields"]
    assert answer["addressRules"]["lines"][-1] == ["ZIP_CODE", "CITY"]
    assert list(answer) == ["addressRules", "channel", "__typename"]


@pytest.mark.anyio
@pytest.mark.either_database
@pytest.mark.parametrize("country", ["", "ch", "XX", "EU", "CHE", "\0", "../../etc", "x" * 9999])
async def test_what_is_no_country_has_no_rules(database: Database, country: str) -> None:
    shop = await a_shop(database)

    answer = json.loads(await shop.body("query($c: String!) { addressRules(country: $c) { country } }", {"c": country}))

    assert answer == {"data": {"addressRules": None}}
