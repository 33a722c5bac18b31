"""The playground over HTTP: who gets the page, what a browser may do with it, and what it loads."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import orjson
import pytest
from graphql import build_schema, get_operation_ast, parse, validate
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from db.errors import DatabaseUnavailableError
from gateway.app import create_app
from gateway.demo import PASSWORD, SIGN_INS
from gateway.operator.settings import DemoSettings, OperatorError, Settings
from gateway.playground import Playground
from gateway.playground.examples import NAMES, SignIn, document, tabs
from gateway.playground.files import ASSETS, Files
from tests.gateway.asgi import DOCUMENT, assert_refused, over
from tests.gateway.processes import ROOT, environment, load_demo_into

KEY = "the key that must never show " * 2
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
HTML = {"accept": BROWSER}
SCHEMA = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def url(sqlite_template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the demo's channels."""
    file = tmp_path_factory.mktemp("playground") / "secret-name.db"
    file.write_bytes(Path(sqlite_template.removeprefix("sqlite:///")).read_bytes())
    load_demo_into(f"sqlite:///{file}")
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
async def opened(url: str) -> AsyncIterator[dict[str, httpx2.AsyncClient]]:
    """Clients of applications that differ in their settings."""
    applications = {
        "off": made(Settings, url),
        "on": made(Settings, url, playground=True),
        "on without a default": made(Settings, url, playground=True, default_channel=None),
        "demo": made(DemoSettings, url),
        "demo, off": made(DemoSettings, url, playground=False),
    }
    async with AsyncExitStack() as stack:
        clients = {}
        for name, settings in applications.items():
            app = create_app(settings)
            await stack.enter_async_context(app.router.lifespan_context(app))
            clients[name] = await stack.enter_async_context(over(app))
        yield clients


def made(kind: type[Settings], url: str, **given: Any) -> Settings:
    """Return settings whose default channel is paloma unless *given* says otherwise."""
    return kind(**{"database_url": url, "secret_key": (SecretStr(KEY),), "default_channel": "paloma"} | given)


@pytest.fixture
def demo(opened: dict[str, httpx2.AsyncClient]) -> httpx2.AsyncClient:
    return opened["demo"]


class Page(HTMLParser):
    """What a page loads, and what it opens with."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    @property
    def loaded(self) -> list[str]:
        return [value for name, value in self.attributes if name in {"src", "href"}]

    @property
    def opening(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(dict(self.attributes)["data-opening"])
        return found


def assert_page(response: httpx2.Response, status: int = 200) -> Page:
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["vary"] in {"accept", "accept, Origin"}  # the latter where other origins are let in
    return Page(response.text)


# ── Who gets the page ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.anyio
@pytest.mark.parametrize(
    "accept",
    [
        BROWSER,
        "text/html",
        "TEXT/HTML;Q=0.9 , */*",
        "text/html, application/json;q=0.9",
        "text/html, application/graphql-response+json; q=0.5",
    ],
)
async def test_a_browser_gets_the_page(demo: httpx2.AsyncClient, accept: str) -> None:
    page = assert_page(await demo.get("/paloma/graphql", headers={"accept": accept}))

    assert page.opening["channel"] == "paloma"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "",
        "text/*",
        "application/json",
        "application/json, text/html",
        "application/json, text/html;q=0.9, */*",
        "application/graphql-response+json, text/html",
        "text/html;q=0",
        "text/html;q=much",
        "text/html-sandboxed",
    ],
)
async def test_a_client_gets_what_it_always_got(opened: dict[str, httpx2.AsyncClient], accept: str) -> None:
    answers = [await opened[name].get("/paloma/graphql", headers={"accept": accept}) for name in ("demo", "off")]

    assert_refused(answers[0], 400, "BAD_USER_INPUT")
    assert same(*answers)


@pytest.mark.anyio
async def test_a_query_is_answered_whoever_asks(demo: httpx2.AsyncClient) -> None:
    got = await demo.get("/paloma/graphql", params={"query": DOCUMENT}, headers=HTML)
    posted = await demo.post("/paloma/graphql", json={"query": DOCUMENT}, headers=HTML)

    assert got.json() == posted.json() == {"data": {"channel": {"code": "paloma"}}}


def own(response: httpx2.Response) -> list[tuple[str, str]]:
    """Return the headers that tell one answer from another, and the demo, which lets other origins in."""
    return [("x-request-id", response.headers["x-request-id"]), ("vary", "Origin")]


def same(one: httpx2.Response, other: httpx2.Response) -> bool:
    one_head, other_head = (
        [header for header in response.headers.multi_items() if header not in own(response)]
        for response in (one, other)
    )
    return (one.status_code, one.content, one_head) == (other.status_code, other.content, other_head)


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["off", "demo, off"])
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/", 404, "NOT_FOUND"),
        ("/graphql", 400, "BAD_USER_INPUT"),
        ("/paloma/graphql", 400, "BAD_USER_INPUT"),
        ("/nowhere/graphql", 404, "NOT_FOUND"),
        ("/playground/0/graphiql.min.js", 404, "NOT_FOUND"),
    ],
)
async def test_off_means_that_nothing_of_it_is_there(
    opened: dict[str, httpx2.AsyncClient], name: str, path: str, status: int, code: str
) -> None:
    to_browser = await opened[name].get(path, headers=HTML)

    assert_refused(to_browser, status, code)
    assert same(to_browser, await opened[name].get(path))


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/", "/graphql"])
async def test_short_addresses_lead_a_browser_to_the_default_channel(demo: httpx2.AsyncClient, path: str) -> None:
    response = await demo.get(path, headers=HTML | {"host": "evil.example"})

    assert (response.status_code, response.headers["location"]) == (303, "paloma/graphql")
    assert (response.headers["cache-control"], response.headers["vary"]) == ("no-store", "accept, Origin")


@pytest.mark.anyio
async def test_short_addresses_mean_to_clients_what_they_meant(demo: httpx2.AsyncClient) -> None:
    assert_refused(await demo.get("/"), 404, "NOT_FOUND")
    assert_refused(await demo.get("/graphql"), 400, "BAD_USER_INPUT")


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/", "/graphql"])
async def test_without_a_default_channel_a_browser_is_told_to_name_one(
    opened: dict[str, httpx2.AsyncClient], path: str
) -> None:
    response = await opened["on without a default"].get(path, headers=HTML)

    assert_page(response, 404)
    assert "Name the channel in the path." in response.text
    await assert_loads(opened["on without a default"], path, Page(response.text))


@pytest.mark.anyio
async def test_where_the_database_is_out_a_browser_is_told_as_everybody_is() -> None:
    class Unreachable:
        async def id_of(self, _code: str) -> str | None:
            raise DatabaseUnavailableError

    endpoint = Playground(Files.load(), {}, None).before(Response("as ever", 503))
    app = Starlette(routes=[Route("/{channel}/graphql", endpoint)])
    app.state.graphql = SimpleNamespace(channels=Unreachable())

    async with over(app) as client:
        response = await client.get("/paloma/graphql", headers=HTML)

    assert (response.status_code, response.text) == (503, "as ever")


# ── What the page holds ───────────────────────────────────────────────────────────────────────────


@pytest.mark.anyio
@pytest.mark.parametrize(("path", "status"), [("/paloma/graphql", 200), ("/nowhere/graphql", 404)])
async def test_a_browser_may_do_little_with_the_page(demo: httpx2.AsyncClient, path: str, status: int) -> None:
    response = await demo.get(path, headers=HTML)
    page = assert_page(response, status)
    directives = dict(each.split(" ", 1) for each in response.headers["content-security-policy"].split("; "))

    assert directives.pop("style-src").startswith("'self' 'sha256-")
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in response.headers["permissions-policy"]
    assert "set-cookie" not in response.headers
    assert not [name for name, _ in page.attributes if name == "style" or name.startswith("on")]
    assert "style" not in page.tags
    await assert_loads(demo, path, page)


async def assert_loads(client: httpx2.AsyncClient, path: str, page: Page) -> None:
    """Load all that the page names, relative to it: on a foreign host nothing would answer."""
    assert page.loaded
    for name in page.loaded:
        assert "//" not in name
        assert (await client.get(httpx2.URL(f"http://shop.example{path}").join(name))).status_code == 200, name


@pytest.mark.anyio
@pytest.mark.parametrize("channel", ["nowhere", "'onload='alert(1)'", "a" * 99])
async def test_an_unknown_channel_is_not_found_and_not_repeated(demo: httpx2.AsyncClient, channel: str) -> None:
    response = await demo.get(f"/{channel}/graphql?x=%3Cscript%3E", headers=HTML)

    assert_page(response, 404)
    assert "There is no such channel.</h1>" in response.text
    assert response.text == (await demo.get("/other/graphql", headers=HTML)).text


@pytest.mark.anyio
@pytest.mark.parametrize("channel", ["%3Cscript%3Ealert(1)%3C%5Cscript%3E", "%22%3E%3Cb%3E", "%00", "palom%61"])
async def test_an_escaped_channel_is_not_found_and_not_repeated(demo: httpx2.AsyncClient, channel: str) -> None:
    response = await demo.get(f"/{channel}/graphql?x=%3Cscript%3E", headers=HTML)

    assert_refused(response, 404, "NOT_FOUND")
    assert "script" not in response.text


@pytest.mark.anyio
async def test_the_page_shows_neither_settings_nor_what_the_address_says(demo: httpx2.AsyncClient) -> None:
    plain = await demo.get("/paloma/graphql", headers=HTML)
    asked = await demo.get("/paloma/graphql?variables=%3Cscript%3E&x=1", headers=HTML | {"host": "evil.example"})

    assert asked.text == plain.text
    assert KEY not in plain.text
    assert "secret-name" not in plain.text


@pytest.mark.anyio
async def test_the_demo_names_its_channels_and_users(demo: httpx2.AsyncClient) -> None:
    for channel, sign_in in SIGN_INS.items():
        opening = assert_page(await demo.get(f"/{channel}/graphql", headers=HTML)).opening

        assert (opening["channel"], opening["channels"]) == (channel, ["paloma", "northwind"])
        assert orjson.loads(opening["tabs"][0]["variables"])["input"] == sign_in._asdict()
        [start] = [tab["query"] for tab in opening["tabs"] if "startPasswordReset" in tab["query"]]
        assert f"/{channel}/mailbox." in start


@pytest.mark.anyio
async def test_a_real_shop_names_no_other_channel_and_no_user(opened: dict[str, httpx2.AsyncClient]) -> None:
    response = await opened["on"].get("/paloma/graphql", headers=HTML)
    refused = await opened["on"].get("/nowhere/graphql", headers=HTML)

    assert assert_page(response).opening["channels"] == ["paloma"]
    for text in (unescape(response.text), refused.text):
        assert "northwind" not in text
        assert PASSWORD not in text
        assert "hans" not in text
    assert "northwind" in (await opened["demo"].get("/nowhere/graphql", headers=HTML)).text


# ── The examples ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_valid_and_fits_into_the_editor(name: str) -> None:
    text = document(name)

    assert [error.message for error in validate(SCHEMA, parse(text))] == []
    assert re.search(rf"^(query|mutation) {name}[ (]", text, re.MULTILINE), "the tab takes its title from there"
    assert [line for line in text.splitlines() if len(line) > 56] == []


@pytest.mark.parametrize("sign_in", [None, *SIGN_INS.values()])
def test_examples_give_their_variables_as_json_of_few_lines(sign_in: SignIn | None) -> None:
    for name, tab in zip(NAMES, tabs(sign_in, "paloma"), strict=True):
        operation = get_operation_ast(parse(tab["query"]))

        assert operation
        assert list(orjson.loads(tab["variables"])) == [
            each.variable.name.value for each in operation.variable_definitions or ()
        ], name
        lines = tab["variables"].splitlines()
        assert [line for line in lines if len(line) > 58 and "https://" not in line] == []


def test_where_nobody_is_given_the_first_example_asks_for_somebody() -> None:
    first = tabs(None, "paloma")[0]

    assert first["query"].startswith("# Write an address and a password into the variables below.\n")
    assert orjson.loads(first["variables"]) == {"input": {"username": "", "password": ""}}


# ── The files ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def files(demo: httpx2.AsyncClient) -> str:
    """Where the page loads from."""
    page = assert_page(await demo.get("/paloma/graphql", headers=HTML))
    return page.loaded[0].removeprefix("..").rpartition("/")[0]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("graphiql.min.js", "text/javascript; charset=utf-8"),
        ("graphiql.min.css", "text/css; charset=utf-8"),
        ("react.production.min.js", "text/javascript; charset=utf-8"),
        ("react-dom.production.min.js", "text/javascript; charset=utf-8"),
        ("playground.js", "text/javascript; charset=utf-8"),
        ("playground.css", "text/css; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
        ("LICENCES.txt", "text/plain; charset=utf-8"),
    ],
)
async def test_a_file_is_kept_for_ever_under_its_version(
    demo: httpx2.AsyncClient, files: str, name: str, media_type: str
) -> None:
    response = await demo.get(f"{files}/{name}", headers={"accept-encoding": "gzip, br"})

    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (response.headers["content-encoding"], response.headers["vary"]) == ("gzip", "accept-encoding, Origin")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    again = await demo.get(f"{files}/{name}", headers={"if-none-match": f'"x", {response.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.anyio
@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0"])
async def test_who_takes_no_gzip_gets_none(demo: httpx2.AsyncClient, files: str, accepted: str) -> None:
    response = await demo.get(f"{files}/graphiql.min.js", headers={"accept-encoding": accepted})

    assert "content-encoding" not in response.headers
    assert response.content == (ROOT / "node_modules/graphiql/graphiql.min.js").read_bytes()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "name",
    ["", "page.html", "files.py", "../files.py", "..%2Ffiles.py", "%2e%2e%2f__init__.py", "/etc/passwd", "x/y", "%00"],
)
async def test_no_other_file_is_served(demo: httpx2.AsyncClient, files: str, name: str) -> None:
    assert_refused(await demo.get(f"{files}/{name}"), 404, "NOT_FOUND")


@pytest.mark.anyio
async def test_files_of_another_version_are_not_there(demo: httpx2.AsyncClient) -> None:
    assert_refused(await demo.get("/playground/0123456789abcdef/playground.js"), 404, "NOT_FOUND")


def test_the_licences_of_what_is_shipped_are_shipped() -> None:
    notices = gzip.decompress((ASSETS / "LICENCES.txt.gz").read_bytes()).decode()

    for package in ("graphiql 3.8.3", "react 18.3.1", "react-dom 18.3.1", "codemirror ", "graphql "):
        assert re.search(rf"^{package}", notices, re.MULTILINE), package
    assert "playwright" not in notices


# ── Without set-up ────────────────────────────────────────────────────────────────────────────────


MISSING = "The playground's files are missing. Run: make setup. Or set GATEWAY_PLAYGROUND to false."


def test_files_that_set_up_has_not_copied_are_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=re.escape(MISSING)):
        Files.load(tmp_path)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_missing_files_end_the_start(url: str, tmp_path: Path, workers: str) -> None:
    ended = serve_without_files(tmp_path, database_url=url, workers=workers, playground="true")

    assert (ended.returncode, ended.stderr.strip()) == (1, MISSING)


def test_missing_files_do_not_matter_where_the_playground_is_off(tmp_path: Path) -> None:
    ended = serve_without_files(tmp_path, database_url="sqlite:///not-migrated.db")

    assert "Run: gateway migrate" in ended.stderr


def serve_without_files(directory: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a copy of the sources that has no files from npm; Python takes the modules of *directory* first."""
    shutil.copytree(ROOT / "src", directory, ignore=shutil.ignore_patterns("assets"), dirs_exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", "serve", "--port=0"],
        cwd=directory,
        env=environment(secret_key=KEY, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
