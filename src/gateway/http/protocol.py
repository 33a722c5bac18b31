"""The home of the limits of a connection: how long a client may take to send and to read, how large a head may be.

Uvicorn has none: a thousand half-sent requests and unread answers would stay for ever, and a header of 20 MB be taken.
How many requests may wait is said in `gateway.http.pipelines`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.keep_alive import told
from gateway.http.parser import DecliningParser
from gateway.http.pipelines import Gate, end_of
from resolvers.operations import answers

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

    from starlette.types import ASGIApp
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class _HeadRefusedError(Exception):
    """Ends the parser."""


class _Fault(NamedTuple):
    """What is wrong with a head."""

    status: HTTPStatus
    message: str


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with a deadline for receiving a request, and limits on its head and on how many requests wait."""

    receive_seconds: ClassVar[float] = 10
    """From the first byte of a request, or from the connection, to the last byte of the body."""
    reading_seconds: ClassVar[float] = 30
    """For which a client may read nothing of an answer that waits; the kernel hides a megabyte of what was read."""
    max_head: ClassVar[int] = 32 * 1024
    """Bytes of the request's target and its headers, and of what may follow the body."""
    max_headers: ClassVar[int] = 100
    max_waiting: ClassVar[int] = 16
    """Requests that came before those that they follow were answered. Others are read later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*args, **kwargs)
        self.parser: Any = DecliningParser(self)
        self._receiving = False  # a request has begun and not ended
        self._in_head = False
        self._came_head = False
        self._came_body = False
        self._head_bytes = 0
        self._fault: _Fault | None = None
        self._came = b""
        self._parsed = 0  # of what came
        self._last_words = b""
        self._running: RequestResponseCycle | None = None
        self._deadline: TimerHandle | None = None
        self._look: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.flow = Gate(transport, self.pipeline)
        self._await_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._drop_rest()
        self._await_nothing()
        self._look_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece of what is sent: as many requests as may wait, the rest once others are answered."""
        if self._last_words:
            return
        self._came, self._parsed = self._came[self._parsed :] + data, 0
        self._take()

    def _take(self) -> None:
        while self._parsed < len(self._came):
            begin = self._parsed
            self._parsed = end_of(self._came, begin, self.max_waiting - len(self.pipeline))
            if self._parsed == begin:
                return
            self._take_piece(self._came[begin : self._parsed])
            if self._last_words or self.transport.is_closing():
                break
        self._drop_rest()

    def _drop_rest(self) -> None:
        self._came, self._parsed = b"", 0

    def _take_piece(self, data: bytes) -> None:
        in_body, self._came_body = self._receiving and not self._in_head, False
        self._came_head = False
        super().data_received(data)
        if self._last_words or self.transport.is_closing():
            self._await_nothing()
            return
        # What follows a body is no body either. Of the piece that a head begins in, a part is of the request before.
        if (self._in_head and not self._came_head) or (in_body and self._receiving and not self._came_body):
            # A name or value that never ends is told by no callback.
            self._head_bytes += len(data)
            if self._head_bytes > self.max_head:
                self._refuse_endless()
                return
        # Line ends between requests begin none, and have ended uvicorn's own waiting.
        idle = self.cycle is None or self.cycle.response_complete
        if self._receiving or (idle and self.timeout_keep_alive_task is None):
            self._await_more()
        else:
            self._await_nothing()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._receiving = self._in_head = self._came_head = True
        self._head_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. What follows the body is none: proxies have not looked at it (RFC 9110, 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End the head: refuse one that is too large before anything answers it."""
        if self.parser.should_upgrade():
            return  # it will come again, without the offer
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.max_head:
            self._fault = self._too_large()
            raise _HeadRefusedError
        if len(self.headers) > self.max_headers:
            text = f"The request has more than {self.max_headers} headers."
            self._fault = _Fault(HTTPStatus.BAD_REQUEST, text)
            raise _HeadRefusedError
        if b"#" in self.url:
            # It would be dropped, so that one path had many spellings.
            self._fault = _Fault(HTTPStatus.BAD_REQUEST, "The target of a request has no fragment.")
            raise _HeadRefusedError
        self._head_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._came_body = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        if self.parser.should_upgrade():
            return
        self._receiving = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request: one that waits, or one that has come and was not looked at."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._drop_rest()
        elif self._last_words:
            self._part()
        elif self.flow.read_paused:
            self._take()
            self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:  # type: ignore[override]  # ASGI twice
        self._running = cycle
        super()._start_asgi_task(cycle, told(app, cycle, self.timeout_keep_alive))  # type: ignore[arg-type]

    def pause_writing(self) -> None:
        """Begin to look whether the client reads, as much waits for it."""
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        """Look no more: the client has read nearly all."""
        self._look_no_more()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, as JSON like everything else, after all that came before it; then hang up."""
        status, text = self._fault or _Fault(HTTPStatus.BAD_REQUEST, msg)
        body = answers.refused([answers.error(text, "BAD_USER_INPUT")]).body
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"cache-control: no-store\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self._last_words = head.encode() + body
        if self.pipeline and self.cycle.more_body:
            self.pipeline.popleft()  # the rest of it can't be read
        self._part()

    def _part(self) -> None:
        """Say the last words, unless somebody would take them for another answer."""
        if self._answering():
            return
        if self._running is None or self._running.response_complete or not self._running.response_started:
            self.transport.write(self._last_words)
        self.transport.close()

    def shutdown(self) -> None:
        """Let what was received be answered; what is still being sent has done nothing, and is hung up on."""
        if self._receiving and not self._answering():
            self.transport.close()
        else:
            super().shutdown()

    def _refuse_endless(self) -> None:
        self._await_nothing()
        if not self._in_head:
            self.transport.close()  # it may have been answered already
            return
        self._fault = self._too_large()
        self.logger.warning("Invalid HTTP request received.")
        self.send_400_response("")

    def _too_large(self) -> _Fault:
        text = f"The headers have more than {self.max_head} bytes."
        return _Fault(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)

    def _await_more(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.receive_seconds, self._hang_up)

    def _await_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _look_again(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._look = self.loop.call_later(self.reading_seconds, self._look_whether_read, waiting)

    def _look_whether_read(self, waited: int) -> None:
        if self.transport.get_write_buffer_size() < waited:
            self._look_again()
        else:
            self.transport.abort()  # closing would wait for the client, too

    def _look_no_more(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _answering(self) -> bool:
        """Tell whether a request that was received is being answered: then the next one has to wait."""
        running = self._running
        return bool(self.pipeline) or (running is not None and not running.response_complete and not running.more_body)

    def _hang_up(self) -> None:
        self._deadline = None
        if self._answering():
            self._await_more()
        else:
            self.transport.close()
