from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.rules.search_text import fold, of_customer, of_order, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("MÜLLER", "muller"),
        ("mu\u0308ller", "muller"),
        ("Straße", "strasse"),
        ("ﬁn", "fin"),
        ("Ⅷ", "viii"),
        ("\uff43\uff4f\uff52\uff50", "corp"),
        ("İstanbul", "istanbul"),
        ("a\u00a0b", "a b"),
        ("50%_", "50%_"),
    ],
)
def test_case_accents_and_compatibility_forms_make_no_difference(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_words_are_what_stands_between_blanks() -> None:
    assert words("  Rote\tÄpfel\u3000KG ") == ["rote", "apfel", "kg"]
    assert words(" \u0301 ") == []


def test_an_order_is_found_by_number_names_and_skus() -> None:
    assert of_order("B-1001", ["Rote Äpfel", "Chang"], ["SKU-1", "SKU-2"]) == "b-1001 rote apfel chang sku-1 sku-2"


def test_a_customer_is_found_by_number_names_company_and_addresses() -> None:
    columns = {"customer_number": "10001", "first_name": "Zoë", "last_name": "Muster", "email_address": "Z@corp.com"}

    assert of_customer(columns, ["office@corp.com", None]) == "10001 zoe muster z@corp.com office@corp.com"


@given(st.text())
def test_a_text_and_its_normal_forms_fold_alike(text: str) -> None:
    assert {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")} == {fold(text)}


@given(st.text())
def test_every_word_of_a_text_occurs_in_it(text: str) -> None:
    assert all(word in fold(text) for word in words(text))
