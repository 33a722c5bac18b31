"""The home of the figures of address books and of what is sent again: many at once leave one, and none half-written."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import replace
from itertools import cycle
from typing import Any
from uuid import UUID

import orjson

from db import models
from db.enums import AddressType, AdminScope
from resolvers.admins.service import create_api_key
from resolvers.repetitions import Repeatable
from tests.fire.figures import Finding, Size, figure, unless
from tests.fire.world import PASSWORD, Replica, World, a_world, at_once

TOGETHER = 8
ADDRESS = {"firstName": "A", "lastName": "B", "street": "C", "city": "D", "country": "AO"}
CARD = {
    "type": "VISA", "maskedCardNumber": "513659xxxxxx5354", "expirationMonth": "12", "expirationYear": "24",
    "providerReference": "tok_1",
}  # fmt: skip


async def outcome(replica: Replica, name: str, more: str = "", **given: Any) -> Any:
    """Return the outcome of a mutation, or the code of its error; *given* is its input, and `by` circumstances."""
    by = given.pop("by", {})
    kind = name[0].upper() + name[1:]
    document = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ __typename {more} }} }}"
    context = replace(replica.context, **by)
    answered = await replica.operations.answer(
        document, {"input": given}, None, caller=context.caller(), context=lambda: context
    )
    answer = orjson.loads(answered.body)
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else answer["data"][name]


@figure(7, "whoever changes an address book at once, a type has one default address, and nobody gets an error of ours")
async def defaults(url: str, size: Size) -> Finding:
    """Create, delete, move and choose addresses by 8 at once for each type, at two replicas."""
    rounds, pick = size.of(30, 4), random.Random(7)  # noqa: S311 - repeatable
    outcomes: Counter[str] = Counter()
    without = several = 0
    async with a_world(url) as world:
        await world.registered("hans@corp.com")
        signed_in = await world.gateway.do(
            "authenticate", more="... on AuthenticateSuccess { authentication { token } }", username="hans@corp.com",
            password=PASSWORD,
        )  # fmt: skip
        by = {"token": signed_in["authentication"]["token"]}
        for _ in range(rounds):
            ids = [row.id for row in await world.rows(models.Address)]
            changes = [_change(pick, ids, type_) for type_ in AddressType for _ in range(TOGETHER)]
            done = await at_once(
                [
                    outcome(replica, name, by=by, **given)
                    for replica, (name, given) in zip(cycle(world.replicas), changes, strict=False)
                ]
            )
            outcomes.update(found if isinstance(found, str) else found["__typename"] for found in done)
            book = await world.rows(models.Address)
            for type_ in {row.type for row in book}:
                found = sum(row.is_default for row in book if row.type == type_)
                without, several = without + (found == 0), several + (found > 1)
    ours = {name: count for name, count in outcomes.items() if not name.endswith(("Success", "NotFoundError"))}
    told = f"{rounds} rounds x {TOGETHER} a type at once: {sum(outcomes.values())} changes, {without} types without"
    return Finding(
        f"{told} and {several} with several defaults, other outcomes {ours}",
        unless(not without, "a type without a default")
        + unless(not several, "a type with several defaults")
        # Addresses are at most two hundred.
        + unless(ours.keys() <= {"InvalidInputError"}, "an error of ours"),
    )


def _change(pick: random.Random, ids: list[str], type_: AddressType) -> tuple[str, dict[str, Any]]:
    name = pick.choice(["createAddress", "deleteAddress", "setDefaultAddress", "updateAddress"])
    if name == "createAddress" or not ids:
        return "createAddress", {"address": {**ADDRESS, "type": type_, "isDefault": pick.random() < 0.5}}
    address = {"address": {"type": pick.choice(list(AddressType))}} if name == "updateAddress" else {}
    return name, {"addressId": pick.choice(ids), **address}


@figure(15, "a system that is cut off after any step and sends it again leaves one customer with one card")
async def repetitions(url: str, size: Size) -> Finding:
    """Send each step by 8 at once at two replicas under its key, cut some off at random, and send it again."""
    jobs, pick = size.of(60, 6), random.Random(15)  # noqa: S311 - repeatable
    cut = 0
    async with a_world(url) as world:
        key = await _api_key(world)
        for job in range(jobs):
            number = f"K-{job}"
            for step, (name, given) in enumerate(
                (
                    ("createCustomer", {"customerNumber": number}),
                    ("storePaymentInstrument", {**CARD, "customerNumber": number}),
                )
            ):
                by = {"api_key": key, "repeatable": None}
                text = str(UUID(int=job * 2 + step))
                cut += await _sent_by_many(world, pick, name, given, by, text)
                await outcome(world.gateway, name, by=_again(by, given, text), **given)
        customers = Counter(row.customer_number for row in await world.rows(models.Customer))
        cards = Counter(row.customer_id for row in await world.rows(models.PaymentInstrument))
    told = f"{jobs} jobs of two steps x {TOGETHER} at once, {cut} cut off"
    return Finding(
        f"{told}: {customers.total()} customers, {cards.total()} cards",
        unless(customers.total() == jobs == len(customers), "a customer who is there twice, or not at all")
        + unless(cards.total() == jobs == len(cards), "a card that is there twice, or not at all"),
    )


async def _sent_by_many(  # noqa: PLR0913, PLR0917 - a step of a job
    world: World, pick: random.Random, name: str, given: dict[str, Any], by: dict[str, Any], text: str
) -> int:
    """Send a step by many at once; return how many were cut off."""
    tasks = [
        asyncio.ensure_future(outcome(replica, name, by=_again(by, given, text), **given))
        for replica, _ in zip(cycle(world.replicas), range(TOGETHER), strict=False)
    ]
    for task in pick.sample(tasks, TOGETHER // 2):
        await asyncio.sleep(pick.random() * 0.004)
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    return sum(isinstance(found, asyncio.CancelledError) for found in done)


def _again(by: dict[str, Any], given: dict[str, Any], text: str) -> dict[str, Any]:
    body = json.dumps(given, sort_keys=True).encode()
    return {**by, "repeatable": Repeatable(text, body, (b"k" * 32,))}


async def _api_key(world: World) -> str:
    scopes = [AdminScope.CUSTOMERS_WRITE, AdminScope.PAYMENT_INSTRUMENTS_WRITE]
    async with world.gateway.database.unit_of_work() as session:
        made = await create_api_key(session, "ERP", scopes=scopes, channels=["shop"], now=world.clock.now())
    return made.text
