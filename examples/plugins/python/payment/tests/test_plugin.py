from typing import Any
from unittest import TestCase

from neustream_plugin import PluginError, Request, Response
from neustream_plugin.errors import PaymentFailure
from neustream_plugin.json import dumps
from neustream_plugin.payment import AnyStatus, Money, PayerAction, Receipt, Status, Update
from neustream_plugin.testing import FakeHost, answer, charge, unreachable, webhook
from plugin import plugin

OPEN = {
    "id": "p_1",
    "reference": "charge-1",
    "state": "open",
    "amount": 1250,
    "currency": "EUR",
    "pay_url": "https://pay.example/p_1",
}
PAID = {**OPEN, "state": "paid"}
SETTLED = Status.Settled(Receipt("p_1", Money(1250, "EUR")))


def started(outcome: Response | PluginError) -> AnyStatus:
    body = {
        "reference": "charge-1",
        "amount": 1250,
        "currency": "EUR",
        "description": "A month of membership",
        "return_url": "https://shop.example/thanks",
    }
    request = Request.post("https://api.pay.example/v1/payments").json(body)
    request = request.bearer("api-key").header("idempotency-key", "charge-1")
    with FakeHost().expect(request, outcome) as host:
        return plugin.start(host, host.context(), charge())


def listed(kind: str) -> Request:
    request = Request.get(f"https://api.pay.example/v1/{kind}").query("reference", "charge-1")
    return request.bearer("api-key")


class ExamplePay(TestCase):
    def test_the_payer_is_sent_to_the_payment_page(self) -> None:
        action = PayerAction("p_1", "https://pay.example/p_1")
        self.assertEqual(started(answer(200, json=OPEN)), Status.ActionRequired(action))

    def test_nothing_was_sent_only_where_that_is_proven(self) -> None:
        outcomes: list[tuple[Any, str]] = [
            (answer(401), "not-sent"),
            (answer(500), "unknown"),
            (answer(200, "<html>"), "unknown"),
            (unreachable(), "unknown"),
        ]
        for outcome, kind in outcomes:
            with self.assertRaises(PluginError) as raised:
                started(outcome)
            self.assertEqual(PaymentFailure.of(raised.exception).kind, kind)
        self.assertIsInstance(started(answer(402)), Status.Declined)

    def test_a_charge_is_found_by_its_key_and_nothing_where_there_is_none(self) -> None:
        with FakeHost().expect(listed("payments"), answer(200, json={"data": [PAID]})) as host:
            self.assertEqual(plugin.find(host, host.context(), "charge-1"), SETTLED)
        nothing = answer(200, json={"data": []})
        with FakeHost().expect(listed("payments"), nothing).expect(listed("refunds"), nothing) as host:
            self.assertIsNone(plugin.find(host, host.context(), "charge-1"))

    def test_a_payer_who_returns_is_believed_by_the_providers_word_only(self) -> None:
        request = Request.get("https://api.pay.example/v1/payments/p_1").bearer("api-key")
        paid = answer(200, json=PAID)
        with FakeHost().expect(request, paid).expect(request, paid) as host:
            self.assertEqual(plugin.confirm(host, host.context(), "charge-1", "p_1", []), SETTLED)
            with self.assertRaises(PluginError) as raised:
                plugin.confirm(host, host.context(), "charge-2", "p_1", [])
        self.assertEqual(raised.exception.kind, "unauthorized")

    def test_only_a_genuine_webhook_is_read(self) -> None:
        host = FakeHost(secrets={"webhook-secret": "whsec_1"})
        body = dumps({"id": "evt_1", "type": "payment", "object": PAID})
        tag = host.hmac_sha256("webhook-secret", body).hex()
        updates = plugin.receive(host, host.context(), webhook([("x-signature", tag)], body))
        self.assertEqual(updates, [Update("evt_1", "charge-1", SETTLED)])
        for headers in ([("x-signature", "00")], []):
            with self.assertRaises(PluginError) as raised:
                plugin.receive(host, host.context(), webhook(headers, body))
            self.assertEqual(raised.exception.kind, "unauthorized")
