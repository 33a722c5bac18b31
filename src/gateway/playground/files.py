"""The home of the files that the page loads: copied from node_modules at set-up, served under a hash of them all."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.http.responses import qualities
from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from starlette.requests import Request

STATIC: Final = Path(__file__).parent / "static"
ASSETS: Final = Path(__file__).parent / "assets"
LICENCES: Final = "LICENCES.txt"

_SCRIPT, _STYLE, _PICTURE, _TEXT = "text/javascript", "text/css", "image/svg+xml", "text/plain"
_FROM_NPM: Final = {
    "graphiql.min.js": ("graphiql/graphiql.min.js", _SCRIPT),
    "graphiql.min.css": ("graphiql/graphiql.min.css", _STYLE),
    "react.production.min.js": ("react/umd/react.production.min.js", _SCRIPT),
    "react-dom.production.min.js": ("react-dom/umd/react-dom.production.min.js", _SCRIPT),
}
_OUR_OWN: Final = {"playground.js": _SCRIPT, "playground.css": _STYLE, "favicon.svg": _PICTURE}

_HEADERS: Final = {
    "cache-control": "public, max-age=31536000, immutable",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}


class File(NamedTuple):
    """A file that a page loads."""

    zipped: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Files:
    """All files by name, in memory: 1 MB. Nothing of a URL ever becomes a path."""

    by_name: dict[str, File]
    version: str

    @staticmethod
    def load(assets: Path = ASSETS) -> Files:
        """Read the files; raise `OperatorError` where set-up has not copied them to *assets*."""
        own = {name: File(_zipped((STATIC / name).read_bytes()), kind) for name, kind in _OUR_OWN.items()}
        by_name = own | {name: File(_copied(assets / f"{name}.gz"), kind) for name, (_, kind) in _FROM_NPM.items()}
        by_name[LICENCES] = File(_copied(assets / f"{LICENCES}.gz"), _TEXT)
        contents = b"".join(sha256(by_name[name].zipped).digest() for name in sorted(by_name))
        return Files(by_name, sha256(contents).hexdigest()[:16])

    def respond(self, request: Request) -> Response:
        """Answer with the file that the path names; raise 404 for another name or version."""
        file = self.by_name.get(request.path_params["name"])
        # Content of this version under the URL of another would stay in caches for a year.
        if file is None or request.path_params["version"] != self.version:
            raise HTTPException(404)
        # Weak, for it is the same zipped or not.
        headers = {**_HEADERS, "etag": f'W/"{self.version}"'}
        if headers["etag"] in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        if qualities(request.headers.getlist("accept-encoding"), ["gzip"])["gzip"]:
            return Response(file.zipped, headers=headers | {"content-encoding": "gzip"}, media_type=file.media_type)
        return Response(gzip.decompress(file.zipped), headers=headers, media_type=file.media_type)


def _copied(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        msg = "The playground's files are missing. Run: make setup. Or set GATEWAY_PLAYGROUND to false."
        raise OperatorError(msg) from None


def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def copy(project: Path) -> None:
    """Copy what the page needs, zipped once for ever, from the node_modules of *project*."""
    ASSETS.mkdir(exist_ok=True)
    modules = project / "node_modules"
    for name, (source, _) in _FROM_NPM.items():
        (ASSETS / f"{name}.gz").write_bytes(_zipped((modules / source).read_bytes()))
    (ASSETS / f"{LICENCES}.gz").write_bytes(_zipped(_licences(project).encode()))


def _licences(project: Path) -> str:
    """Return the notices of all that may be part of the copied bundles."""
    packages = orjson.loads((project / "package-lock.json").read_bytes())["packages"]
    shipped = [path for path, package in sorted(packages.items()) if path and not package.get("dev")]
    return "\n".join(
        f"{path.removeprefix('node_modules/')} {packages[path]['version']}\n\n{notice.read_text('utf-8')}"
        for path in shipped
        for notice in sorted((project / path).glob("LICEN[CS]E*"))
    )
