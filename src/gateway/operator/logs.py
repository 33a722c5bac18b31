"""The home of the log: what a line looks like. JSON, or for people where standard error is a terminal.

Where lines go is `gateway.operator.log_writer`'s: nobody who logs waits for who reads.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from gateway.operator.log_writer import LogWriter
from gateway.operator.tracebacks import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping

    from structlog.typing import Processor

    Fields = MutableMapping[str, Any]


@contextmanager
def _left_out(module: str) -> Iterator[None]:
    """Let what is imported inside do without *module*, unless it is there already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # how Python itself marks what can't be imported
    try:
        yield
    finally:
        del sys.modules[module]


# structlog takes rich wherever it is installed, for tracebacks that show the values of variables, which we must not
# show; it would make a start a tenth slower.
with _left_out("rich"):
    from structlog.contextvars import merge_contextvars
    from structlog.dev import ConsoleRenderer
    from structlog.stdlib import ExtraAdder, ProcessorFormatter

LEVELS = ("debug", "info", "warning", "error")
_LONGEST_EVENT = 300
_FOR_OPERATORS = "gateway.operator.settings.OperatorError: "
# Of "Exception in callback f('...')" and "Task exception was never retrieved\nfuture: <Task ... exception=E('...')>".
_WORDS = re.compile(r"[A-Za-z ]*")


def request_lines(level: str) -> Callable[[str, dict[str, Any]], None]:
    """Return what writes the line of a request, given its level and fields."""
    put = _standard_error().put
    written = LEVELS[LEVELS.index(level) :]

    def write(at: str, fields: dict[str, Any]) -> None:
        if at in written:
            put(_line(at, {"event": "request", **fields}))

    return write


def flush() -> None:
    """Wait until the lines of this process are written, but not for a reader that has stopped."""
    _standard_error().flush()


class QueuedHandler(logging.Handler):
    """Hands the records of `logging` on to the thread that writes."""

    def emit(self, record: logging.LogRecord) -> None:
        """Put the line of *record* into the queue."""
        try:
            line = f"{self.format(record)}\n".encode(errors="replace")
        except Exception:  # noqa: BLE001 - logging's own way would print what the record holds
            line = _line("error", {"event": "a line of the log can't be written", "logger": record.name})
        _standard_error().put(line)

    def flush(self) -> None:
        """Wait until it is written, for some seconds; `logging` calls this at the end of the process."""
        flush()


@cache
def _standard_error() -> LogWriter:
    def told(dropped: int) -> bytes:
        return _line("warning", {"event": "lines of the log were dropped: nobody read them", "dropped": dropped})

    return LogWriter(sys.__stderr__.fileno() if sys.__stderr__ else None, told)


@cache
def _is_for_people() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _line(level: str, fields: dict[str, Any]) -> bytes:
    stamped = {"time": datetime.now(UTC), "level": level, **fields}
    if _is_for_people():
        return f"{_for_people(None, level, stamped)}\n".encode(errors="replace")
    return _dumped(stamped) + b"\n"


def configuration(level: str) -> dict[str, Any]:
    """Return how everything else is logged, for `logging.config.dictConfig`, in this process or one that it starts."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"gateway": {"()": "gateway.operator.logs.formatter"}},
        "handlers": {"stderr": {"class": "gateway.operator.logs.QueuedHandler", "formatter": "gateway"}},
        "root": {"handlers": ["stderr"], "level": max(logging.getLevelNamesMapping()[level.upper()], logging.INFO)},
        # At debug it tells every statement it is not asked for.
        "loggers": {"uvicorn": {"level": level.upper()}, "asyncio": {"level": "WARNING"}},
    }


def formatter() -> logging.Formatter:
    """Return what formats the records of `logging` as lines like all others."""
    renderer: Processor = _for_people if _is_for_people() else _json
    return ProcessorFormatter(
        processors=[
            merge_contextvars,  # the request id
            ExtraAdder(allow=["error_id", "database"]),
            _without_values,
            ProcessorFormatter.remove_processors_meta,
            _stamped,
            renderer,
        ]
    )


def _stamped(_logger: object, level: str, fields: Fields) -> Fields:
    return {"time": datetime.now(UTC), "level": level, "event": fields.pop("event"), **fields}


def _without_values(_logger: object, _level: str, fields: Fields) -> Fields:
    """Cut what repeats values: see `gateway.operator.tracebacks`."""
    record: logging.LogRecord = fields["_record"]
    lines = str(fields["event"]).strip().splitlines() or [""]
    # Uvicorn tells by a traceback why a start failed.
    event = lines[-1 if lines[-1].startswith(_FOR_OPERATORS) else 0][:_LONGEST_EVENT]
    if record.name == "asyncio" and (words := _WORDS.match(event)):
        event = words[0].strip()
    fields["event"], fields["logger"] = event, record.name
    fields.pop("stack_info", None)
    if failure := fields.pop("exc_info", (None, None))[1]:
        fields["exception"] = described(failure)
    return fields


def _dumped(fields: Fields) -> bytes:
    return orjson.dumps(fields, default=str, option=orjson.OPT_UTC_Z)


def _json(_logger: object, _level: str, fields: Fields) -> str:
    return _dumped(fields).decode()


def _for_people(logger: Any, level: str, fields: Fields) -> str:  # noqa: ANN401 - structlog's
    exceptions = fields.pop("exception", [])
    fields = {name: value for name, value in fields.items() if value is not None}
    fields["time"] = fields["time"].strftime("%H:%M:%S")
    places = [f"\n  {each['type']}" + "".join(f"\n    {frame}" for frame in each["frames"]) for each in exceptions]
    return str(_RENDERER(logger, level, fields)) + "".join(places)


_RENDERER = ConsoleRenderer(timestamp_key="time", sort_keys=False)
