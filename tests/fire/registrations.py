"""The home of the figure of registrations: of all who register one address at once, one gets it."""

from __future__ import annotations

from collections import Counter
from itertools import cycle

from db import models
from tests.fire.figures import Finding, Size, figure, unless
from tests.fire.world import PASSWORD, a_world, at_once

TOGETHER = 16
OUTCOMES = {"RegisterCustomerSuccess", "EmailAddressTakenError", "InvalidInputError"}


@figure(8, "an address that is registered by many at once has one account, and nobody gets an error of ours")
async def duplicates(url: str, size: Size) -> Finding:
    """Register each address by 16 at once at two replicas, spelt in all ways that mean the same or look so."""
    addresses = size.of(50, 3)
    outcomes: Counter[str] = Counter()
    async with a_world(url) as world:
        for number in range(addresses):
            answers = await at_once(
                [
                    replica.do("registerCustomer", emailAddress=spelt, user={"password": PASSWORD})
                    for replica, spelt in zip(cycle(world.replicas), spellings(f"mike.muster{number}"), strict=False)
                ]
            )
            outcomes.update(answer["__typename"] for answer in answers)
        users = await world.rows(models.User)
        customers = await world.rows(models.Customer)
    told = f"{addresses} addresses x {TOGETHER} at once: {len(users)} accounts; " + ", ".join(
        f"{name} {count}" for name, count in sorted(outcomes.items())
    )
    return Finding(
        told,
        unless(len(users) == addresses, f"{len(users)} accounts of {addresses} addresses")
        + unless(len(customers) == addresses, "customers without a user, or of one address")
        + unless(set(outcomes) <= OUTCOMES, "an outcome that nobody expects"),
    )


def spellings(local: str) -> list[str]:
    """Return 16 spellings of an address: by case, and by letters that some programs take for the same."""
    cased = [local, local.upper(), local.title(), local.swapcase()]
    domains = ["corp.com", "CORP.COM", "Corp.Com"]
    same = [f"{name}@{domain}" for name in cased for domain in domains]
    alike = [
        f"{local}@corp.com.",
        f"{local}\u200b@corp.com",
        f"{local.replace('k', chr(0x212A))}@corp.com",
        f"{local.replace('i', chr(0x131))}@corp.com",
    ]
    return [*same, *alike]
