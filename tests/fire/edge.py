"""The home of the figures of the edge: what waits on a connection, and who is told apart behind a proxy."""

from __future__ import annotations

import asyncio

from gateway.protocol import BoundedProtocol
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure, unless
from tests.gateway.test_connections import serving
from tests.gateway.test_pipelines import Watched, answered, posted, watching


@figure(
    30, "of hundreds of requests that are sent at once on one connection 16 wait at most; all are answered in order"
)
async def pipelined(url: str, size: Size) -> Finding:
    """Send requests without waiting for answers, on several connections."""
    del url
    sent = size.of(800, 400)
    with serving(watching(BoundedProtocol)) as port:
        numbers = await asyncio.gather(
            *(
                answered(port, *(posted(number, length) for number in range(sent)), count=sent)
                for length in (0, 10, 1_000, 10_000)
            )
        )
    most, missing = Watched.most, sum(found != list(range(sent)) for found in numbers)
    return Finding(
        f"{len(numbers)} connections of {sent} requests each: {most} waited at most, {missing} came back otherwise",
        (*unless(0 < most <= 16, f"{most} requests waited"), *unless(not missing, f"{missing} answered out of order")),
    )


CONTROLS = (
    Control(
        40,
        "all that has come waits",
        "end_of(self._came, begin, self.max_waiting - len(self.pipeline))",
        "len(self._came)",
        "requests waited",
    ),
)
