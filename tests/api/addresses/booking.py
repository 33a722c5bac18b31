"""The home of what the tests of addresses share: a customer with an address book, asked as front-ends ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.api.services import a_user
from tests.api.signing_in import HANS, a_shop

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

ADDRESS = {
    "type": "BILLING",
    "firstName": "Hans",
    "lastName": "Muster",
    "street": "Hardturmstrasse 123",
    "zipCode": "8005",
    "city": "Z\u00fcrich",
    "country": "CH",
}
_MORE = """
  __typename
  ... on {name}Success {{ {address} customer {{ addresses {{ id type isDefault street zipCode }} }} }}
  {invalid}
  ... on NotFoundError {{ field }}
"""


async def a_customer(database: Database) -> Shop:
    """Return a shop whose customer Hans is signed in, with an empty address book."""
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    return await shop.sign_in()


async def ask(shop: Shop, mutation: str, given: dict[str, Any]) -> Any:
    """Return the outcome of *mutation*, or the code of the error if it has none."""
    name = f"{mutation[0].upper()}{mutation[1:]}"
    selected = "addressId" if mutation == "deleteAddress" else "address { id isDefault }"
    invalid = "... on InvalidInputError { violations { field code limit } }" if "address" in given else ""
    outcome = _MORE.format(name=name, address=selected, invalid=invalid)
    document = f"mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {outcome} }} }}"
    answer = json.loads(await shop.body(document, {"input": given}))
    if "errors" in answer:
        return answer["errors"][0]["extensions"]["code"]
    return answer["data"][mutation]


async def added(shop: Shop, **fields: Any) -> str:
    """Put an address into the book, a second after the one before; return its id."""
    shop.advance(seconds=1)
    found: str = (await ask(shop, "createAddress", {"address": ADDRESS | fields}))["address"]["id"]
    return found


async def book(shop: Shop) -> list[tuple[str, str, bool]]:
    """Return id, type and default of each address, oldest first."""
    answer = json.loads(await shop.body("{ customer { addresses { id type isDefault } } }"))
    return [(each["id"], each["type"], each["isDefault"]) for each in answer["data"]["customer"]["addresses"]]


def codes(outcome: Any) -> dict[str, str]:
    """Return the codes of the violations by the field inside the address."""
    return {each["field"][-1]: each["code"] for each in outcome["violations"]}
