// Between an author's plugin and a component's bindings: what the build puts around the default export. Not for
// authors.
//
// The bindings want 64-bit numbers as BigInt, every field of a record and errors as payloads; an author has numbers,
// options that may be left out and PluginError. What an author gets wrong here would end in the bindings, where only
// `unreachable` is told: so it is checked first.

import { bytesOf } from "./bytes.js";
import { PaymentFailure, PluginError } from "./error.js";
import { KIND } from "./kinds.js";
import { Delivery, Response, Webhook } from "./response.js";

/** The kind's interface for `plugin`. `imports` are the interfaces of `neustream:host` that its world has. */
export function exported(plugin, imports, places) {
  const kind = plugin[KIND];
  const host = hostOf(imports);
  const guard = (name, call, failed = payloadOf) => {
    return (...values) => {
      try {
        return call(...values);
      } catch (error) {
        const payload = failed(error);
        if (payload !== undefined) throw { payload };
        lastWords(imports, error, places);
        throw error;
      }
    };
  };
  return kinds[kind](plugin, host, guard);
}

const kinds = {
  destination: (plugin, host, guard) => ({
    prepare: guard("prepare", (ctx, broadcast) => target(plugin.prepare(host, context(ctx), broadcast))),
    check: guard("check", (ctx, state) => health(plugin.check(host, context(ctx), state))),
    finish: guard("finish", (ctx, state) => void plugin.finish(host, context(ctx), state)),
    retitle: guard("retitle", (ctx, state, title) => void plugin.retitle(host, context(ctx), state, title)),
  }),

  chat: (plugin, host, guard) => ({
    open: guard("open", (ctx) => step(plugin.open(host, context(ctx)))),
    handle: guard("handle", (ctx, state, events) => step(plugin.handle(host, context(ctx), state, events.map(event)))),
  }),

  moderation: (plugin, host, guard) => ({
    plan: guard("plan", (ctx, batch) => list("plan's answer", plugin.plan(host, context(ctx), batch)).map(lookup), () => undefined),
    judge: guard(
      "judge",
      (ctx, batch, found) => list("judge's answer", plugin.judge(host, context(ctx), batch, found)).map(verdict),
      () => undefined,
    ),
  }),

  payment: (plugin, host, guard) => ({
    start: guard("start", (ctx, charge) => status(plugin.start(host, context(ctx), { ...charge, amount: moneyIn(charge.amount) })), failure),
    find: guard("find", (ctx, key) => {
      const found = plugin.find(host, context(ctx), key);
      return found === undefined || found === null ? undefined : status(found);
    }),
    confirm: guard("confirm", (ctx, key, providerId, returned) => status(plugin.confirm(host, context(ctx), key, providerId, returned))),
    refund: guard("refund", (ctx, key, providerId, amount) => status(plugin.refund(host, context(ctx), key, providerId, moneyIn(amount))), failure),
    receive: guard("receive", (ctx, { headers, body }) => {
      return list("receive's answer", plugin.receive(host, context(ctx), new Webhook(headers, body))).map(update);
    }),
  }),
};

// Errors.

function payloadOf(error) {
  return error instanceof PluginError ? { tag: error.kind, val: problem(error.problem) } : undefined;
}

function failure(error) {
  const failed = error instanceof PluginError ? PaymentFailure.of(error) : error;
  if (!(failed instanceof PaymentFailure)) return undefined;
  return { tag: failed.kind, val: payloadOf(failed.error) };
}

/** Tells the host what went wrong where, before the trap that would only read `unreachable`. */
function lastWords({ telemetry }, error, places) {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  telemetry.panicked(message, location(error, places));
}

/** The innermost place of the author's own sources, which `places` finds by the line of the bundle. */
function location(error, places) {
  const stack = typeof error?.stack === "string" ? error.stack : "";
  for (const [, line] of stack.matchAll(/plugin\.js:(\d+)/g)) {
    const run = places.runs.findLast(([from]) => from <= Number(line));
    const [from, source, first] = run ?? [];
    if (source >= 0) return `${places.sources[source]}:${first + Number(line) - from}`;
  }
  return "";
}

// The host.

function hostOf({ config, telemetry, crypto, http, kv }) {
  const asked = (call) => {
    try {
      return call();
    } catch (error) {
      const { tag, val } = error?.payload ?? {};
      if (val === undefined) throw error;
      throw new PluginError(tag, val.code, val.message, val.retryAfterMs);
    }
  };
  const table = (there, name) => {
    if (there === undefined) {
      throw PluginError.denied("not-asked", `The plugin's manifest has no [capabilities.${name}], or its kind has no such calls.`);
    }
    return there;
  };
  return Object.freeze({
    config: () => config.get(),
    log: (level, message, fields = {}) => telemetry.log(level, String(message), pairs(fields)),
    count: (metric, delta = 1) => telemetry.count(metric, big("a counter's step", delta)),
    verifyHmacSha256: (key, data, tag) => asked(() => table(crypto, "secrets.<name>").verifyHmacSha256(key, bytesOf(data), bytesOf(tag))),
    hmacSha256: (key, data) => asked(() => table(crypto, "secrets.<name>").hmacSha256(key, bytesOf(data))),
    send: (request) =>
      asked(() => {
        const { method, url, fields, headers, body, timeout } = request;
        const answer = table(http, "http").send({ method, url, query: fields, headers, body, timeoutMs: timeout });
        return new Response(answer.status, answer.headers, answer.body);
      }),
    kvGet: (key) =>
      asked(() => {
        const entry = table(kv, "kv").get(key);
        return entry && { value: entry.value, revision: Number(entry.revision) };
      }),
    kvPut: (key, value, expected, ttlS) =>
      asked(() => {
        const revision = table(kv, "kv").put(key, bytesOf(value), bigOption("a revision", expected), ttlS ?? undefined);
        return revision === undefined ? undefined : Number(revision);
      }),
    kvDelete: (key, expected) => asked(() => table(kv, "kv").delete(key, big("a revision", expected))),
  });
}

function pairs(fields) {
  return Object.entries(fields).map(([name, value]) => [name, String(value)]);
}

// Inward: as an author reads it.

function context(ctx) {
  return { ...ctx, now: Number(ctx.now) };
}

function moneyIn({ minor, currency }) {
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) {
    const message = `The amount ${minor} is beyond what JavaScript counts exactly.`;
    throw PaymentFailure.notSent(PluginError.other("amount-too-large", message));
  }
  return { minor: Number(minor), currency };
}

function event({ tag, val }) {
  if (tag === "delivered") return { tag, val: new Delivery(val.connection, val.headers, val.body) };
  if (tag !== "answered" || val.outcome.tag !== "ok") return { tag, val };
  const { status, headers, body } = val.outcome.val;
  return { tag, val: { id: val.id, outcome: { tag: "ok", val: new Response(status, headers, body) } } };
}

// Outward: as the bindings want it.

function wrong(what, wanted, value) {
  const given = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  return new TypeError(`${what} must be ${wanted}, not ${given}`);
}

function text(what, value) {
  if (typeof value !== "string") throw wrong(what, "a text", value);
  return value;
}

function list(what, value) {
  if (!Array.isArray(value)) throw wrong(what, "a list", value);
  return value;
}

function record(what, value) {
  if (typeof value !== "object" || value === null) throw wrong(what, "an object", value);
  return value;
}

function bytes(what, value) {
  const bytes = bytesOf(value ?? new Uint8Array());
  if (!(bytes instanceof Uint8Array)) throw wrong(what, "a Uint8Array or a text", value);
  return bytes;
}

function big(what, value) {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${what} must be a whole number from 0, not ${value}`);
  return BigInt(value);
}

function bigOption(what, value) {
  return value === undefined || value === null ? undefined : big(what, value);
}

function small(what, value) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError(`${what} must be a whole number from 0 to 4294967295, not ${value}`);
  }
  return value;
}

function smallOption(what, value) {
  return value === undefined || value === null ? undefined : small(what, value);
}

function problem({ code, message, retryAfterMs }) {
  return {
    code: text("a problem's code", code),
    message: text("a problem's message", message),
    retryAfterMs: smallOption("retryAfterMs", retryAfterMs),
  };
}

function target(value) {
  const { protocol, url, backupUrl, key, limits, expiresAt, state } = record("prepare's answer", value);
  return {
    protocol: record("a target's protocol", protocol),
    url: text("a target's url", url),
    backupUrl: backupUrl ?? undefined,
    key: record("a target's key", key),
    limits: limits ?? undefined,
    expiresAt: bigOption("expiresAt", expiresAt),
    state: bytes("a target's state", state),
  };
}

function health(value) {
  const { live, viewers } = record("check's answer", value);
  return { live: live ?? undefined, viewers: bigOption("viewers", viewers) };
}

function step(value) {
  const { state, effects } = record("a step", value);
  return { state: bytes("a step's state", state), effects: list("a step's effects", effects).map(effect) };
}

function effect({ tag, val }) {
  switch (tag) {
    case "publish": {
      const message = record("a message", val);
      for (const name of ["id", "authorId", "author", "text", "kind"]) text(`a message's ${name}`, message[name]);
      const { replyTo, sentAt, roles, extra } = message;
      return { tag, val: { ...message, roles: roles ?? [], extra: extra ?? [], replyTo: replyTo ?? undefined, sentAt: big("sentAt", sentAt ?? 0) } };
    }
    case "request": {
      const { id, method, url, fields, headers, body } = val;
      return { tag, val: { id: text("a request's id", id), method, url, query: fields, headers, body } };
    }
    case "reopen":
      return { tag, val: { id: text("a connection's id", val.id), transport: transport(val.transport) } };
    case "failed":
      return { tag, val: { id: text("a failure's id", val.id), problem: problem(val.problem) } };
    case "status":
      return { tag, val: val === undefined || val === null ? undefined : problem(val) };
    case "wake":
      return { tag, val: { name: text("a timer's name", val.name), afterMs: small("afterMs", val.afterMs) } };
    case "retract":
    case "sent":
    case "close":
      return { tag, val: text(`the id of \`${tag}\``, val) };
    case "transmit":
      return { tag, val: { connection: text("a frame's connection", val.connection), payload: val.payload } };
    default:
      throw new TypeError(`there is no effect \`${tag}\``);
  }
}

function transport({ tag, val }) {
  if (tag === "webhook") return { tag, val: text("a webhook's advice", val) };
  const { url, fields, headers, intervalMs } = val;
  return { tag, val: { url, query: fields, headers, intervalMs: small("intervalMs", intervalMs) } };
}

function lookup({ id, url, headers, body }) {
  return { id: text("a lookup's id", id), url: text("a lookup's url", url), headers, body: bytes("a lookup's body", body) };
}

const ACTIONS = ["allow", "replace", "hold", "hide", "delete", "timeout-s"];

function verdict(value) {
  const { id, action, rule, reason } = record("a verdict", value);
  text("a verdict's id", id);
  text("a verdict's rule", rule);
  text("a verdict's reason", reason);
  if (!ACTIONS.includes(action?.tag)) throw new TypeError(`a verdict's action is one of ${ACTIONS.join(", ")}, not ${action?.tag ?? typeof action}`);
  if (action.tag === "replace") text("a replacement", action.val);
  if (action.tag === "timeout-s") small("a time-out", action.val);
  return value;
}

function moneyOut({ minor, currency }) {
  return { minor: big("an amount's minor", minor), currency: text("an amount's currency", currency) };
}

function receipt({ providerId, amount, fee }) {
  return { providerId: text("providerId", providerId), amount: moneyOut(amount), fee: fee === undefined || fee === null ? undefined : moneyOut(fee) };
}

function status(value) {
  const { tag, val } = record("a status", value);
  switch (tag) {
    case "settled":
    case "pending":
      return { tag, val: receipt(val) };
    case "action-required":
      return { tag, val: { providerId: text("providerId", val.providerId), url: val.url ?? undefined, parameters: val.parameters ?? [] } };
    case "declined":
      return { tag, val: problem(val) };
    default:
      throw new TypeError(`there is no status \`${tag}\``);
  }
}

function update({ eventId, key, status: value }) {
  return { eventId: text("eventId", eventId), key: key ?? undefined, status: status(value) };
}
