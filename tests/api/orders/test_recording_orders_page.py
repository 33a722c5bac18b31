"""What docs/recording-orders.md tells to send answers what it prints, from the first to the last."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from db import models
from db.engine import Database
from db.enums import AdminScope
from tests.api.services import a_user, rows
from tests.api.signing_in import a_shop
from tests.api.staff import as_back_end
from tests.gateway.processes import ROOT

PAGE = (ROOT / "docs" / "recording-orders.md").read_text("utf-8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```\n+```json\n(.*?)```\n+```json\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.anyio
async def test_each_request_of_the_page_answers_what_is_printed(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, "hans.muster@astina.io")
    [customer] = await rows(database, models.Customer)
    erp = await as_back_end(shop, AdminScope.ORDERS_WRITE)

    assert len(EXAMPLES) == PAGE.count("```graphql") == 2
    for document, variables, expected in EXAMPLES:
        given: Any = json.loads(variables.replace('"10001"', json.dumps(customer.customer_number)))
        assert json.loads(await erp.body(document, given)) == json.loads(expected)
