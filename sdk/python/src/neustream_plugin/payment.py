"""A payment provider, and its words."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from .errors import Problem
from .host import Context, Host
from .http import Received

_KEY = re.compile(r"[a-z0-9-]{1,40}")


def is_key(text: str) -> bool:
    """Whether it can be a key of the host's: what a platform says about the orders of others is no key.

    >>> is_key("charge-1"), is_key("Invoice 7")
    (True, False)
    """
    return _KEY.fullmatch(text) is not None


@dataclass(frozen=True)
class Money:
    """An amount in minor units of an ISO 4217 currency (cents, paise)."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Charge:
    """What is to be paid."""

    key: str
    """Unique and stable over every attempt: the idempotency key, and what `find` looks for."""
    amount: Money
    description: str
    """What the payer reads, one line."""
    payer_ref: str
    """An opaque name of the payer."""
    return_url: str
    """Where the payer returns to."""


@dataclass(frozen=True)
class Receipt:
    """A payment that the provider has."""

    provider_id: str
    amount: Money
    fee: Money | None = None


@dataclass(frozen=True)
class PayerAction:
    """What the payer must do now."""

    provider_id: str
    url: str | None = None
    """Where to send the payer; none when the page's script does it with `parameters`."""
    parameters: list[tuple[str, str]] = field(default_factory=list)


class Status:
    """How a charge or a refund stands: the classes in this one."""

    @dataclass(frozen=True)
    class Settled:
        """The money has moved."""

        receipt: Receipt

    @dataclass(frozen=True)
    class Pending:
        """The provider has it and works on it."""

        receipt: Receipt

    @dataclass(frozen=True)
    class ActionRequired:
        """The payer must act."""

        action: PayerAction

    @dataclass(frozen=True)
    class Declined:
        """It will not happen."""

        problem: Problem


AnyStatus = Status.Settled | Status.Pending | Status.ActionRequired | Status.Declined
"""Any case of :class:`Status`."""


class Webhook(Received):
    """What a provider sent to the host, as it came."""


@dataclass(frozen=True)
class Update:
    """What became known."""

    event_id: str
    """The provider's id of the event; the host drops one that it has."""
    key: str | None
    """The charge's key; none when the event is about none of the host's."""
    status: AnyStatus


class PaymentProvider(ABC):
    """One provider of payments. Holds nothing: an instance lives for one call, and the host keeps the journal."""

    @abstractmethod
    def start(self, host: Host, ctx: Context, charge: Charge) -> AnyStatus:
        """Begins a charge, with `charge.key` as the provider's idempotency key. Raises `PaymentFailure`."""

    @abstractmethod
    def find(self, host: Host, ctx: Context, key: str) -> AnyStatus | None:
        """What the provider knows about the charge or refund with this key. None: nothing, so it may be started."""

    @abstractmethod
    def confirm(
        self, host: Host, ctx: Context, key: str, provider_id: str, returned: list[tuple[str, str]]
    ) -> AnyStatus:
        """Checks what the payer's browser brought back for the charge `key`, which `start` gave `provider_id`."""

    @abstractmethod
    def refund(self, host: Host, ctx: Context, key: str, provider_id: str, amount: Money) -> AnyStatus:
        """Pays back, at most what was paid. `key` is the refund's own. Raises `PaymentFailure`."""

    @abstractmethod
    def receive(self, host: Host, ctx: Context, webhook: Webhook) -> list[Update]:
        """Reads a webhook. Verify it before parsing; one that is not genuine is `unauthorized`."""


def payment(provider: type[PaymentProvider] | PaymentProvider) -> PaymentProvider:
    """The export line: `plugin = payment(Provider)`."""
    return provider() if isinstance(provider, type) else provider
