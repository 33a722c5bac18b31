"""The home of the channel as the API shows it."""

from __future__ import annotations

from db import enums, models
from resolvers.node import Node
from resolvers.planner import planned
from resolvers.sdl.descriptions import described_enum

ChannelKind = described_enum(enums.ChannelKind)
RegistrationPolicy = described_enum(enums.RegistrationPolicy)


@planned(models.Channel)
class Channel(Node):
    """A shop. Everything belongs to one channel."""

    code: str
    """The name in the address of the endpoint, `/{channel}/graphql`."""
    name: str
    """What the shop calls itself."""
    kind: enums.ChannelKind
    """Whom the shop sells to."""
    locales: list[str]
    """The languages and countries that the shop speaks, such as de_CH."""
    default_locale: str
    """The locale of those who did not choose one."""
    registration: enums.RegistrationPolicy
    """How people register on their own."""
    password_min_length: int
    """How many characters a password must have."""
