"""The home of mails that anybody may ask for by typing an address: nothing is looked up, the sender finds out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.channels.landing_pages import require_page
from resolvers.mails import outbox
from resolvers.rules.networks import network_of
from resolvers.rules.single_fields import checked_email_address
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from db.enums import MailKind
    from resolvers.context import Context


async def ask_for_mail(context: Context, kind: MailKind, email_address: str, confirmation_base_url: str) -> str:
    """Put a mail to whoever has *email_address* into the outbox; return the address.

    The same statements run whether anybody has it or not. Raises `InvalidInput`, `ConfirmationBaseUrlNotAllowed` or
    `RateLimited`.
    """
    address = checked_email_address(email_address)
    await require_page(context, kind, confirmation_base_url)
    async with context.unit_of_work() as session:
        await attempts.count_mail(session, context)
        if await attempts.may_mail(session, context, kind, address.canonical):
            outbox.put(
                session,
                kind,
                address,
                channel_id=context.channel_id,
                now=context.clock.now(),
                confirmation_base_url=confirmation_base_url,
                network=network_of(context.ip_address),
            )
    return str(address)
