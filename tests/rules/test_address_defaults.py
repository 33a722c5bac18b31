"""Whatever is done to an address book, each type has at most one default, and has one as long as nobody said no."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from db.enums import AddressType
from resolvers.addresses.defaults import Defaults, Entry, after_adding, after_changing, after_removing

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "change"]),
        st.integers(0, 5),
        st.sampled_from(AddressType),
        st.sampled_from([True, False, None]),
    ),
    max_size=30,
)


def applied(book: list[Entry], changes: Defaults) -> list[Entry]:
    return [
        entry._replace(is_default=changes[entry.type] == entry.id) if entry.type in changes else entry for entry in book
    ]


@given(STEPS)
def test_each_type_has_one_default_unless_somebody_said_that_it_has_none(
    steps: list[tuple[str, int, AddressType, bool | None]],
) -> None:
    book: list[Entry] = []
    may_lack: set[AddressType] = set()
    for number, (step, at, type_, wanted) in enumerate(steps):
        if step == "add":
            added = Entry(f"a{number:02}", type_, bool(wanted))
            book = applied([*book, added._replace(is_default=False)], after_adding(book, added))
        elif step == "remove" and at < len(book):
            removed = book[at]
            book = applied([entry for entry in book if entry != removed], after_removing(book, removed))
        elif at < len(book):
            before = book[at]
            changes = after_changing(book, before, type_=type_, wanted=wanted)
            if wanted is False and before.is_default and type_ is before.type:
                may_lack.add(type_)
            book[at] = Entry(before.id, type_, before.is_default and type_ is before.type)
            book = applied(book, changes)
        for each in AddressType:
            of_type = [entry for entry in book if entry.type is each]
            defaults = [entry for entry in of_type if entry.is_default]
            may_lack -= {each} if defaults or not of_type else set()
            assert len(defaults) <= 1
            assert defaults or not of_type or each in may_lack


def test_who_is_wanted_takes_the_place_of_another_and_the_oldest_takes_that_of_who_is_gone() -> None:
    first, second, third = (Entry(name, AddressType.BILLING, name == "a") for name in "abc")
    book = [first, second, third]

    assert after_adding(book, Entry("d", AddressType.BILLING, is_default=True)) == {AddressType.BILLING: "d"}
    assert after_adding(book, Entry("d", AddressType.BILLING, is_default=False)) == {}
    assert after_adding(book, Entry("d", AddressType.SHIPPING, is_default=False)) == {AddressType.SHIPPING: "d"}
    assert after_removing(book, first) == {AddressType.BILLING: "b"}
    assert after_removing(book, third) == {}
    assert after_changing(book, first, type_=AddressType.BILLING, wanted=False) == {AddressType.BILLING: None}
    assert after_changing(book, first, type_=AddressType.SHIPPING, wanted=None) == {
        AddressType.BILLING: "b",
        AddressType.SHIPPING: "a",
    }
