// Takes payments through Example Pay, a made-up provider.
//
// The host writes every charge down before it calls, and calls `find` when it cannot know what became of one. What is
// left to the plugin: pass the key on, and never say that nothing happened unless that is proven.

import { PluginError, Request, Status, hex, isKey, payment, query } from "neustream-plugin";

const API = "https://api.pay.example/v1";

export default payment({
  // In functions that move money, a PluginError takes the safe side: unless it is proven that nothing was sent, the host
  // asks `find` and never repeats blindly.
  start(host, ctx, charge) {
    const request = Request.post(`${API}/payments`).json({
      reference: charge.key,
      amount: charge.amount.minor,
      currency: charge.amount.currency,
      description: charge.description,
      return_url: charge.returnUrl,
    });
    return moved(host.send(authorized(request, charge.key)));
  },

  find(host, ctx, key) {
    // The key may be a charge's or a refund's.
    for (const list of ["payments", "refunds"]) {
      const request = Request.get(`${API}/${list}`).query("reference", key).bearer("api-key");
      const { data } = host.send(request).success("Example Pay").json();
      if (!Array.isArray(data)) throw unknown();
      const entry = data.map(read).find(({ reference }) => reference === key);
      if (entry !== undefined) return status(entry);
    }
    return undefined;
  },

  // The payer's browser is not to be trusted, so the provider is asked.
  confirm(host, ctx, key, providerId) {
    const request = Request.get(`${API}/payments/${query.escape(providerId)}`).bearer("api-key");
    const entry = read(host.send(request).success("Example Pay").json());
    if (entry.reference !== key) {
      throw PluginError.unauthorized("other-payment", "Example Pay has another charge under this payment.");
    }
    return status(entry);
  },

  refund(host, ctx, key, providerId, amount) {
    const request = Request.post(`${API}/refunds`).json({ reference: key, payment: providerId, amount: amount.minor });
    return moved(host.send(authorized(request, key)));
  },

  receive(host, ctx, webhook) {
    // Genuine first, then read.
    const tag = hex.decode(webhook.header("x-signature") ?? "") ?? new Uint8Array();
    if (!host.verifyHmacSha256("webhook-secret", webhook.body, tag)) {
      throw PluginError.unauthorized("signature-wrong", "The signature is not Example Pay's.");
    }
    const event = webhook.json() ?? {};
    // Events that are about no money, and those that are newer than this plugin.
    if (!["payment", "refund"].includes(event.type)) return [];
    const entry = read(event.object);
    // The account may have payments that are none of the host's.
    const key = isKey(entry.reference) ? entry.reference : undefined;
    return [{ eventId: event.id, key, status: status(entry) }];
  },
});

/**
 * A request that moves money: with `key` it is carried out once, however often it is sent.
 *
 * @param {Request} request
 * @param {string} key
 */
function authorized(request, key) {
  return request.bearer("api-key").header("idempotency-key", key);
}

/**
 * What became of it.
 *
 * @param {import("neustream-plugin").Response} response
 */
function moved(response) {
  if ([400, 402, 422].includes(response.status)) {
    // Refused for what it is: it will not happen.
    return Status.declined("declined", "Example Pay does not take this payment.");
  }
  return status(read(response.success("Example Pay").json()));
}

/**
 * A payment or a refund, as the provider has it; `reference` is our key.
 *
 * @typedef {{ id: string, reference: string, state: string, amount: number, currency: string, pay_url?: string }} Entry
 * @param {any} entry
 * @returns {Entry}
 */
function read(entry) {
  const isText = ["id", "reference", "state", "currency"].every((name) => typeof entry?.[name] === "string");
  if (!isText || !Number.isSafeInteger(entry.amount)) throw unknown();
  return entry;
}

/**
 * @param {Entry} entry
 */
function status({ id, state, amount, currency, pay_url }) {
  const receipt = { providerId: id, amount: { minor: amount, currency } };
  switch (state) {
    case "open":
      return Status.actionRequired({ providerId: id, url: pay_url });
    case "pending":
      return Status.pending(receipt);
    case "paid":
    case "done":
      return Status.settled(receipt);
    case "failed":
      return Status.declined("failed", "Example Pay could not do it.");
    default:
      throw unknown();
  }
}

function unknown() {
  return PluginError.unavailable("malformed", "Example Pay answered something unknown.");
}
