"""The home of planted faults: small mistakes in a copy of the source that the differential proof must find."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.controls.forking import ROOT, run


@dataclass(frozen=True)
class Fault:
    """A mistake: *right* stands exactly once in the source, and becomes *wrong*."""

    name: str
    right: str
    wrong: str


FAULTS = (
    Fault(
        "ties are not broken",
        "for part in (self.key, self.id)]",
        "for part in (self.key,)]",
    ),
    Fault(
        "tables are entered unguarded",
        "row.put_into(statement).where(self.visible(model, row))",
        "row.put_into(statement)",
    ),
    Fault(
        "fields are not merged",
        "self.operation, type_, details, hide_suggestions",
        "self.operation, type_, details[:1], hide_suggestions",
    ),
    Fault(
        "@skip is ignored",
        "document = parse(text, ",
        'document = parse(text.replace("@skip(if: true)", ""), ',
    ),
    Fault(
        "a plan serves other booleans",
        "return tuple((name, shape(value, types[name])) for name, value in variables.coerced.items())",
        "return tuple(name for name, value in variables.coerced.items() if shape(value, types[name]))",
    ),
    Fault(
        "a template serves other enums",
        "return tuple(map(outline, parts)) if parts else value",
        "return tuple(map(outline, parts)) if parts else value is not None",
    ),
    Fault(
        "a template serves other outlines",
        "values = tuple(outline(value) for value in self.arguments.values())",
        "values = len(self.arguments)",
    ),
    Fault(
        "a full page has a next one",
        "sa.func.count() > self.count",
        "sa.func.count() >= self.count",
    ),
    Fault(
        "null becomes an empty text",
        'coalesce(concat(json), literal("null"), type_=type_)',
        "coalesce(concat(json), literal('\"\"'), type_=type_)",
    ),
    Fault(
        "keys are sorted",
        "for key, member in members.items():",
        "for key, member in sorted(members.items()):",
    ),
    Fault(
        "one of the words is enough",
        "NOT instr({text}, value)",
        "instr({text}, value) IS NULL",
    ),
    Fault(
        "a cursor includes its row",
        "return row >= position if inclusive else row > position",
        "return row >= position",
    ),
    Fault(
        "a filter is ignored",
        "if found.ordered_until is not None:",
        "if found.ordered_until is not None and found.mine:",
    ),
    Fault(
        "own orders are everybody's",
        "viewer.may(Permission.ORDERS_READ_OWN), row.user_id == viewer.user_id",
        "viewer.may(Permission.ORDERS_READ_OWN), row.user_id.is_not(None)",
    ),
    Fault(
        "a session outlives its end",
        "col(_Session.expires_at) > now",
        "col(_Session.expires_at) >= now",
    ),
    Fault(
        "a mailed token outlives its end",
        "col(MailedToken.spent_at).is_(None), col(MailedToken.expires_at) > now",
        "col(MailedToken.spent_at).is_(None), col(MailedToken.expires_at) >= now",
    ),
    Fault(
        "a token that was mailed to a former address is good",
        "        col(Account.email_address) == col(MailedToken.email_address),\n",
        "",
    ),
    Fault(
        "the last elements come in reverse",
        "order = self.position.desc() if self.backward else self.position.asc()",
        "order = self.position.asc()",
    ),
)


def planted(directory: Path, fault: Fault | None) -> Path:
    """Copy the source into *directory* and make the mistake there; return the copy."""
    source = directory / "src"
    shutil.copytree(ROOT / "src", source)  # with what is compiled, which Python takes by the time of the source
    if fault is not None:
        texts = {file: file.read_text() for file in source.rglob("*.py")}
        places = [file for file, text in texts.items() for _ in range(text.count(fault.right))]
        assert len(places) == 1, f"{fault.name}: {fault.right!r} stands {len(places)} times in the source"
        places[0].write_text(texts[places[0]].replace(fault.right, fault.wrong))
    return source


def quick_run(source: Path, *, operations: int, seed: int, differences: int = 1) -> str:
    """Run the proof against *source* on SQLite, up to so many *differences*; return what it prints."""
    ran = run(
        source,
        "tests.differential.run",
        "--jobs=1",
        "--database=sqlite",
        f"--differences={differences}",
        f"--operations={operations}",
        f"--seed={seed}",
    )
    if "documents answered differently" not in ran.stdout:
        raise AssertionError(ran.stderr)
    return ran.stdout
