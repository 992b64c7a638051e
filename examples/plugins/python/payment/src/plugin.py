"""Takes payments through Example Pay, a made-up provider.

The host writes every charge down before it calls, and calls `find` when it cannot know what became of one. What is left
to the plugin: pass the key on, and never say that nothing happened unless that is proven.
"""

from dataclasses import dataclass
from typing import Any

from neustream_plugin import Context, Host, PluginError, Problem, Request, Response, hex, query
from neustream_plugin.payment import (
    AnyStatus,
    Charge,
    Money,
    PayerAction,
    PaymentProvider,
    Receipt,
    Status,
    Update,
    Webhook,
    is_key,
    payment,
)

API = "https://api.pay.example/v1"


@dataclass
class Entry:
    """A payment or a refund, as the provider has it."""

    id: str
    reference: str
    """Our key."""
    state: str
    money: Money
    pay_url: str | None

    @staticmethod
    def of(it: Any) -> "Entry":
        try:
            money = Money(int(it["amount"]), str(it["currency"]))
            return Entry(str(it["id"]), str(it["reference"]), it["state"], money, it.get("pay_url"))
        except (KeyError, TypeError, ValueError):
            raise PluginError.unavailable("malformed", "Example Pay answered something unknown.") from None

    def status(self) -> AnyStatus:
        receipt = Receipt(self.id, self.money)
        match self.state:
            case "open":
                return Status.ActionRequired(PayerAction(self.id, self.pay_url))
            case "pending":
                return Status.Pending(receipt)
            case "paid" | "done":
                return Status.Settled(receipt)
            case "failed":
                return Status.Declined(Problem("failed", "Example Pay could not do it."))
        raise PluginError.unavailable("malformed", "Example Pay answered a state that is unknown.")


class ExamplePay(PaymentProvider):
    """The provider."""

    # In functions that move money, a PluginError takes the safe side: unless it is proven that nothing was sent, the host
    # asks `find` and never repeats blindly.
    def start(self, host: Host, ctx: Context, charge: Charge) -> AnyStatus:
        request = Request.post(f"{API}/payments").json(
            {
                "reference": charge.key,
                "amount": charge.amount.minor,
                "currency": charge.amount.currency,
                "description": charge.description,
                "return_url": charge.return_url,
            }
        )
        return moved(host.send(authorized(request, charge.key)))

    def find(self, host: Host, ctx: Context, key: str) -> AnyStatus | None:
        # The key may be a charge's or a refund's.
        for kind in ("payments", "refunds"):
            request = Request.get(f"{API}/{kind}").query("reference", key).bearer("api-key")
            for listed in read(host.send(request), "data"):
                entry = Entry.of(listed)
                if entry.reference == key:
                    return entry.status()
        return None

    # The payer's browser is not to be trusted, so the provider is asked.
    def confirm(
        self, host: Host, ctx: Context, key: str, provider_id: str, returned: list[tuple[str, str]]
    ) -> AnyStatus:
        request = Request.get(f"{API}/payments/{query.escape(provider_id)}").bearer("api-key")
        entry = Entry.of(read(host.send(request)))
        if entry.reference != key:
            raise PluginError.unauthorized("other-payment", "Example Pay has another charge under this payment.")
        return entry.status()

    def refund(self, host: Host, ctx: Context, key: str, provider_id: str, amount: Money) -> AnyStatus:
        request = Request.post(f"{API}/refunds").json(
            {"reference": key, "payment": provider_id, "amount": amount.minor}
        )
        return moved(host.send(authorized(request, key)))

    def receive(self, host: Host, ctx: Context, webhook: Webhook) -> list[Update]:
        # Genuine first, then read.
        tag = hex.decode(webhook.header("x-signature") or "") or b""
        if not host.verify_hmac_sha256("webhook-secret", webhook.body, tag):
            raise PluginError.unauthorized("signature-wrong", "The signature is not Example Pay's.")
        event = webhook.json()
        # Events that are about no money, and those that are newer than this plugin.
        if not isinstance(event, dict) or event.get("type") not in ("payment", "refund"):
            return []
        entry = Entry.of(event.get("object"))
        # The account may have payments that are none of the host's.
        key = entry.reference if is_key(entry.reference) else None
        return [Update(str(event.get("id")), key, entry.status())]


def authorized(request: Request, key: str) -> Request:
    """A request that moves money: with `key` it is carried out once, however often it is sent."""
    return request.bearer("api-key").header("idempotency-key", key)


def moved(response: Response) -> AnyStatus:
    """What became of it."""
    if response.status in (400, 402, 422):
        # Refused for what it is: it will not happen.
        return Status.Declined(Problem("declined", "Example Pay does not take this payment."))
    return Entry.of(read(response)).status()


def read(response: Response, field: str | None = None) -> Any:
    """The object that was answered, or a field of it."""
    answered = response.success("Example Pay").json()
    if not isinstance(answered, dict) or (field is not None and field not in answered):
        raise PluginError.unavailable("malformed", "Example Pay answered something unknown.")
    return answered if field is None else answered[field]


plugin = payment(ExamplePay)
