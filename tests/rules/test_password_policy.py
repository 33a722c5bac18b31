from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resolvers.rules import common_words
from resolvers.rules.password_policy import MAX_LENGTH, PasswordPolicy, normalised, violations
from resolvers.rules.violations import ViolationCode

DEFAULT = PasswordPolicy()
WORDS = [
    word
    for file in sorted(Path(common_words.__file__).parent.glob("common_words/*.txt"))
    for line in file.read_text("utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
    if "+" not in word
]
DEMO = PasswordPolicy(min_length=6, strength_checked=False)


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "Tr0ub4dor&3", "쇠사슬고양이자전거우산", "x9$Kq2!vTz"]
)
def test_a_password_that_is_hard_to_guess_is_fine(password: str) -> None:
    assert violations(password, DEFAULT) == {}


@pytest.mark.parametrize(
    ("password", "policy", "expected"),
    [
        ("banana", DEFAULT, {ViolationCode.TOO_SHORT: 8}),
        ("banana", DEMO, {}),
        ("apple", DEMO, {ViolationCode.TOO_SHORT: 6}),
        ("pineapple", DEMO, {}),
        ("password1", DEFAULT, {ViolationCode.TOO_WEAK: None}),
        ("aaaaaaaaaaaaaaaaaaaa", DEFAULT, {ViolationCode.TOO_WEAK: None}),
        ("x" * MAX_LENGTH, DEMO, {}),
        ("x" * (MAX_LENGTH + 1), DEMO, {ViolationCode.TOO_LONG: MAX_LENGTH}),
        ("\U0001d15e" * MAX_LENGTH, DEMO, {ViolationCode.TOO_LONG: MAX_LENGTH}),  # NFC makes two of each
        ("e\u0301" * 4, DEFAULT, {ViolationCode.TOO_SHORT: 8}),  # four letters, however typed
        ("Tr0ub4dor&3\0", DEFAULT, {ViolationCode.INVALID: None}),
        ("Tr0ub4dor&3\x1b", DEFAULT, {ViolationCode.INVALID: None}),
        ("Tr0ub4dor\n&3", DEFAULT, {ViolationCode.INVALID: None}),
        ("Tr0ub4dor&3\ud800", DEFAULT, {ViolationCode.INVALID: None}),
    ],
    ids=ascii,
)
def test_the_policy_says_what_is_wrong(
    password: str, policy: PasswordPolicy, expected: dict[ViolationCode, int | None]
) -> None:
    assert violations(password, policy) == expected


@pytest.mark.parametrize("own_words", [["Zanzibarovic"], ["hans.zanzibarovic@corp.com"], ["Zanzibarovic & Sons"]])
def test_what_is_known_about_the_account_is_easy_to_guess(own_words: list[str]) -> None:
    assert violations("Zanzibarovic9", DEFAULT) == {}

    assert violations("Zanzibarovic9", DEFAULT, own_words) == {ViolationCode.TOO_WEAK: None}


OWN_ADDRESS = "hans.zanzibarovic@corp.com"


@pytest.mark.parametrize(
    "password", [OWN_ADDRESS, OWN_ADDRESS.upper(), "Zanzibarovic1234", "hans.zanzibarovic", "hans.zanzibarovic1"]
)
def test_an_own_word_is_found_in_every_length(password: str) -> None:
    assert violations(password, DEFAULT, [OWN_ADDRESS, "Hans", "Zanzibarovic"]) == {ViolationCode.TOO_WEAK: None}


@pytest.mark.parametrize("password", ["password", "passwordpassword1234", "p4$$w0rd", "1234567890!@#$%^&*()"])
def test_a_password_that_everybody_tries_is_refused(password: str) -> None:
    assert violations(password, DEFAULT) == {ViolationCode.TOO_WEAK: None}


@pytest.mark.parametrize(
    "password",
    [
        *("Willkommen1!", "ichliebedich", "Geburtstag", "Sommer2026!", "Schokolade", "Zuerich2026", "Hallo123!"),
        *("Frühling2026!", "Fussball2026", "Weihnachten24!", "Schalke04!", "Passwort123!", "Grüezi2026", "Qwertz123!"),
        *("motdepasse", "Motdepasse1!", "Bonjour2026!", "Jetaime123!", "Été2026!", "Chocolat26!", "Azerty123!"),
        *("Anniversaire1", "Lausanne2026!", "Papillon1!", "Décembre2025!", "Chouchou1!", "Allezlesbleus1!"),
        *("ciaociao", "Ciao2026!", "amoremio", "Amoremio1!", "Tiamo123!", "Estate2026!", "Cioccolato1!", "Napoli1926!"),
        *("Compleanno1!", "Principessa1!", "Forzajuve1!", "Mercoledì1!", "Lugano2026!"),
    ],
)
def test_what_everybody_tries_in_another_language_is_refused_too(password: str) -> None:
    assert violations(password, DEFAULT) == {ViolationCode.TOO_WEAK: None}


@pytest.mark.parametrize(
    "password",
    [
        *("zürich2026!", "ZÜRICH2026!", "Zuerich2026!", "Zurich2026!", "Zu\u0308rich2026!", "Fußball26!", "Strasse26!"),
        *("Genève2026!", "GENEVE2026!", "Citta2026!", "Lunedi2026!", "Sch0k0lade", "W1llk0mm3n!", "1chl1eb3d1ch"),
        *("edalokohcs", "ich liebe dich", "Ich-liebe-dich1", "je.t'aime1", "ti_amo_tanto"),
    ],
)
def test_it_is_refused_however_it_is_typed(password: str) -> None:
    assert violations(password, DEFAULT) == {ViolationCode.TOO_WEAK: None}


def test_every_word_of_the_lists_with_the_year_behind_it_is_refused() -> None:
    passwords = [f"{word[0].upper()}{word[1:]}2026!" for word in WORDS]

    assert len(passwords) > 1500
    assert [each for each in passwords if not violations(each, DEFAULT)] == []


@given(st.lists(st.sampled_from([word for word in WORDS if 4 <= len(word) <= 14]), min_size=4, max_size=6, unique=True))
def test_a_passphrase_of_such_words_is_fine(words: list[str]) -> None:
    # Words that are made of one another are one to a guesser, such as those of snow.
    assume(not any(one in other for one, other in permutations(words, 2)))

    assert violations(" ".join(words), DEFAULT) == {}
    assert violations("-".join(words).title(), DEFAULT) == {}


@pytest.mark.parametrize(
    "password",
    [
        *(
            "vier blaue tassen tanzen",
            "trois vélos rouges au marché",
            "tre gatti dormono sul tetto",
            "Kaffeebohnen mit Zimt",
        ),
        *("Sommer29!kQx", "Zuerich-x7Kp2q", "ciao-Vq7!mKz2", "qwertz lampe fenster bier"),
    ],
)
def test_a_common_word_beside_what_is_hard_to_guess_does_no_harm(password: str) -> None:
    assert violations(password, DEFAULT) == {}


@pytest.mark.parametrize("password", ["4@8({[<369&#!1|0$5+7%2", "$2<7|a!9#4k0[5%{x8&@3+Q1"])
def test_a_password_of_many_signs_is_fine(password: str) -> None:
    assert violations(password, DEFAULT) == {}


@pytest.mark.parametrize("password", ["x" * (MAX_LENGTH + 1), "a\ud800", "a\0"], ids=["long", "surrogate", "NUL"])
def test_what_can_be_nobodys_password_has_no_normal_form(password: str) -> None:
    assert normalised(password) is None


@given(st.text(max_size=40))
def test_whoever_was_let_in_with_a_password_gets_in_with_it_again(password: str) -> None:
    if violations(password, DEMO):
        return

    composed = normalised(password)
    assert composed is not None
    assert composed.encode()
    assert normalised(composed) == composed


@pytest.mark.parametrize(
    "password", ["4@8({[<369&#!1|0$5+7%2" * 40, "ab1" * 341, "p4$$w0rd" * 128, "ichliebedich" * 85]
)
def test_no_password_takes_long_to_judge(password: str) -> None:
    own_words = ["a4@b8c(e3" * 5, "1" * 30, "x" * 50]

    assert cost(password, own_words) < 200 * cost("correct horse battery staple")


def cost(password: str, own_words: Sequence[str] = ()) -> float:
    """Return how long judging takes, the best of five times."""
    times = []
    for _ in range(5):
        before = time.thread_time()
        violations(password, DEFAULT, own_words)
        times.append(time.thread_time() - before)
    return min(times)
