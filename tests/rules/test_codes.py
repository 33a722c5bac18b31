"""Ids, and the codes of countries, currencies and time zones."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime
from itertools import islice

import pytest

from db.currencies import digits_of
from db.ids import is_well_formed, new_ids
from resolvers.rules import time_zones
from resolvers.rules.countries import CODES

NOW = datetime(2026, 3, 14, 10, 7, 26, tzinfo=UTC)


def test_ids_of_one_moment_sort_as_they_are_made() -> None:
    ids = list(islice(new_ids("ord", NOW), 100_000))

    assert ids == sorted(set(ids))
    assert all(map(is_well_formed, ids[::1000]))


def test_two_makers_of_one_moment_make_different_ids() -> None:
    assert not set(islice(new_ids("ord", NOW), 1000)) & set(islice(new_ids("ord", NOW), 1000))


@pytest.mark.parametrize(("currency", "digits"), [("CHF", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("DEM", 2)])
def test_a_currency_has_its_digits(currency: str, digits: int) -> None:
    assert digits_of(currency) == digits


def test_countries_are_those_of_iso_3166() -> None:
    assert len(CODES) == 250  # 249, and Kosovo
    assert {"CH", "DE", "GB", "AX", "BQ", "SS", "XK"} <= CODES
    assert not {"UK", "EU", "UN", "ZZ", "XA", "AC", "001"} & CODES


def test_every_time_zone_of_the_machine_is_known() -> None:
    """But for what the machine itself adds."""
    assert zoneinfo.available_timezones() - time_zones.NAMES <= {"localtime"}
    assert {time_zones.DEFAULT, "America/Coyhaique", "UTC", "Asia/Calcutta", "US/Pacific"} <= time_zones.NAMES


def test_every_time_zone_that_is_known_has_its_times() -> None:
    for name in time_zones.NAMES:
        assert zoneinfo.ZoneInfo(name).utcoffset(NOW) is not None
    assert all(len(name) <= 40 for name in time_zones.NAMES)
