"""The home of how headers of mails are written: lines that every reader puts together to what was meant.

Python's own folding, up to 3.13 at least, drops the quotes of a long name, so that a comma makes several senders of it,
and makes two blanks of one, or none, beside words that are encoded.
"""

from __future__ import annotations

import re
from email.base64mime import header_encode as b_encoded
from email.headerregistry import HeaderRegistry, UniqueAddressHeader, UniqueUnstructuredHeader
from email.policy import SMTP
from email.quoprimime import header_encode as q_encoded
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from email.policy import EmailPolicy

_LONGEST_LINE: Final = 76
_LONGEST_WORD: Final = 64
"""Of encoded words, so that one stands beside the name of its header: RFC 2047, 2."""
_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", re.ASCII)
_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)
_ENCODED: Final = "=?"
"""What nobody may take for an encoded word."""


def phrase(name: str) -> list[str]:
    """Return the words of the *name* of a mailbox: as they are, all in quotes, or those encoded that must be."""
    if name.isascii() and not all(_is_plain(word, _ATOM) for word in name.split()):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return list(_words(name, _ATOM))


def text(value: str) -> list[str]:
    """Return the words of a text that nothing is read of."""
    return list(_words(value, _VISIBLE))


def folded(name: str, words: list[str]) -> str:
    """Return a header as lines that are as long as RFC 2047 allows, but for a word that is longer."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _LONGEST_LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


# The registry derives from these, and from a base that has the name of the header and knows no types.
class _Mailboxes(UniqueAddressHeader):
    def fold(self: Any, *, policy: object) -> str:  # noqa: ARG002 - called so
        words: list[str] = []
        for address in self.addresses:
            if words:
                words[-1] += ","
            name = phrase(address.display_name)
            words += [*name, f"<{address.addr_spec}>" if name else address.addr_spec]
        return folded(self.name, words)


class _Text(UniqueUnstructuredHeader):
    def fold(self: Any, *, policy: object) -> str:  # noqa: ARG002 - called so
        return folded(self.name, text(str(self)))


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    kinds: dict[str, Any] = {"from": _Mailboxes, "to": _Mailboxes, "subject": _Text, "message-id": _Text}
    for name, kind in kinds.items():
        registry.map_to_type(name, kind)
    return SMTP.clone(header_factory=registry)


POLICY: Final = _policy()
"""Of messages that are sent."""


def _words(value: str, plain: re.Pattern[str]) -> Iterator[str]:
    """Yield the words between single blanks; those that are not *plain* encoded, with the blanks between them."""
    run: list[str] = []
    for word in filter(None, value.split(" ")):
        if not _is_plain(word, plain):
            run.append(word)
            continue
        if run:
            yield from _encoded(" ".join(run))
            run = []
        yield word
    if run:
        yield from _encoded(" ".join(run))


def _is_plain(word: str, plain: re.Pattern[str]) -> bool:
    return plain.fullmatch(word) is not None and _ENCODED not in word


def _encoded(value: str) -> Iterator[str]:
    """Yield *value* as encoded words, none of which ends inside of a character: RFC 2047, 5."""
    taken = ""
    for character in value:
        if taken and len(_shorter(taken + character)) > _LONGEST_WORD:
            yield _shorter(taken)
            taken = ""
        taken += character
    yield _shorter(taken)


def _shorter(value: str) -> str:
    """Return *value* as encoded word, whichever encoding makes it shorter."""
    encoded = value.encode()
    return min(q_encoded(encoded, "utf-8"), b_encoded(encoded, "utf-8"), key=len)
