"""The home of the controls of figures: without a guard, in a copy of the source, a figure must be red, and say why."""

from __future__ import annotations

from dataclasses import dataclass

from tests.controls.planted_faults import Fault


@dataclass(frozen=True, slots=True)
class Control:
    """A guard that is taken away: *right* stands exactly once in the source, and becomes *wrong*.

    Then the figure says what is *expected* of its failure.
    """

    figure: int
    name: str
    right: str
    wrong: str
    expected: str

    @property
    def fault(self) -> Fault:
        """What is planted."""
        return Fault(self.name, self.right, self.wrong)


CONTROLS = (
    Control(
        3,
        "sent before it is delivered",
        "await self._courier.mailer.deliver(message, letter.receiver, self._hand_over)\n",
        "await self._note(outbox.sent)\n"
        "                    await self._courier.mailer.deliver(message, letter.receiver, lambda: asyncio.sleep(0))\n",
        "never delivered",
    ),
    Control(
        5,
        "a spent token is good",
        "return sa.and_(its, col(MailedToken.spent_at).is_(None), col(MailedToken.expires_at) > now)",
        "return sa.and_(its, col(MailedToken.expires_at) > now)",
        "several winners",
    ),
    Control(
        6,
        "pauses are not waited for",
        "    _HAS_PAUSED,\n",
        "    sa.true(),\n",
        "past the limit",
    ),
    Control(
        6,
        "clocks agree to the microsecond",
        '"latest": window + _APART, **pauses}',
        '"latest": window, **pauses}',
        "past the limit: {'clocks apart'",
    ),
    Control(
        7,
        "an address stays the default beside another",
        "            if address.is_default and address.type in changes and changes[address.type] != address.id:\n",
        "            if address.is_default and changes.get(address.type, address.id) is None:\n",
        "an error of ours",
    ),
    Control(
        8,
        "addresses are compared as they are written",
        "        return str(self).lower()\n",
        "        return str(self)\n",
        "accounts of",
    ),
    Control(
        9,
        "nobody's password is not judged",
        "    verdict = await credentials.judged(context, candidate.password_hash, password)\n",
        "    if candidate.password_hash is None:\n        raise BadCredentials\n"
        "    verdict = await credentials.judged(context, candidate.password_hash, password)\n",
        "authenticate differs",
    ),
    Control(
        15,
        "who is overtaken goes on",
        "        if kept.first() is None:\n            raise _OvertakenError\n",
        "        kept.first()\n",
        "there twice",
    ),
    Control(
        17,
        "tokens have no end",
        "return sa.and_(its, col(MailedToken.spent_at).is_(None), col(MailedToken.expires_at) > now)",
        "return sa.and_(its, col(MailedToken.spent_at).is_(None))",
        "reset token: alive True, then True",
    ),
)
"""Of races, kills and clocks; figures of hostile input have theirs beside them."""
