import assert from "node:assert/strict";
import { test } from "node:test";

import { PaymentFailure, PluginError, Request, Status, hex } from "neustream-plugin";
import { FakeHost, answer, charge, unreachable, webhook } from "neustream-plugin/testing";

import plugin from "../src/index.js";

const OPEN = {
  id: "p_1",
  reference: "charge-1",
  state: "open",
  amount: 1250,
  currency: "EUR",
  pay_url: "https://pay.example/p_1",
};
const PAID = { ...OPEN, state: "paid" };
const SETTLED = Status.settled({ providerId: "p_1", amount: { minor: 1250, currency: "EUR" } });

/** @param {import("neustream-plugin").Response | PluginError} outcome */
function started(outcome) {
  const request = Request.post("https://api.pay.example/v1/payments")
    .json({
      reference: "charge-1",
      amount: 1250,
      currency: "EUR",
      description: "A month of membership",
      return_url: "https://shop.example/thanks",
    })
    .bearer("api-key")
    .header("idempotency-key", "charge-1");
  const host = new FakeHost().expect(request, outcome);
  return plugin.start(host, host.context(), charge());
}

/** @param {string} list */
function listed(list) {
  return Request.get(`https://api.pay.example/v1/${list}`).query("reference", "charge-1").bearer("api-key");
}

test("the payer is sent to the payment page", () => {
  assert.deepEqual(started(answer(200, OPEN)), Status.actionRequired({ providerId: "p_1", url: "https://pay.example/p_1" }));
});

test("nothing was sent only where that is proven", () => {
  for (const [outcome, kind] of /** @type {[any, string][]} */ ([
    [answer(401), "not-sent"],
    [answer(500), "unknown"],
    [answer(200, "<html>"), "unknown"],
    [answer(200, {}), "unknown"],
    [unreachable(), "unknown"],
  ])) {
    assert.throws(
      () => started(outcome),
      (error) => error instanceof PluginError && PaymentFailure.of(error).kind === kind,
    );
  }
  assert.equal(started(answer(402)).tag, "declined");
});

test("a charge is found by its key, and nothing where there is none", () => {
  const found = new FakeHost().expect(listed("payments"), answer(200, { data: [PAID] }));
  assert.deepEqual(plugin.find(found, found.context(), "charge-1"), SETTLED);
  const nothing = answer(200, { data: [] });
  const empty = new FakeHost().expect(listed("payments"), nothing).expect(listed("refunds"), nothing);
  assert.equal(plugin.find(empty, empty.context(), "charge-1"), undefined);
  empty.done();
});

test("a payer who returns is believed by the provider's word only", () => {
  const request = () => Request.get("https://api.pay.example/v1/payments/p_1").bearer("api-key");
  const host = new FakeHost().expect(request(), answer(200, PAID)).expect(request(), answer(200, PAID));
  assert.deepEqual(plugin.confirm(host, host.context(), "charge-1", "p_1", []), SETTLED);
  assert.throws(() => plugin.confirm(host, host.context(), "charge-2", "p_1", []), { kind: "unauthorized" });
});

test("only a genuine webhook is read", () => {
  const host = new FakeHost().withSecret("webhook-secret", "whsec_1");
  const body = JSON.stringify({ id: "evt_1", type: "payment", object: PAID });
  const tag = hex.encode(host.hmacSha256("webhook-secret", body));
  const updates = plugin.receive(host, host.context(), webhook([["x-signature", tag]], body));
  assert.deepEqual(updates, [{ eventId: "evt_1", key: "charge-1", status: SETTLED }]);
  for (const headers of /** @type {[string, string][][]} */ ([[["x-signature", "00"]], []])) {
    assert.throws(() => plugin.receive(host, host.context(), webhook(headers, body)), { kind: "unauthorized" });
  }
});
