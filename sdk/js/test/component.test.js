// What stands between an author's plugin and a component's bindings, without a component.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Effect, Message, PluginError, Request, Status, Target, Verdict, chat, destination, moderation, payment, secret } from "neustream-plugin";
import { exported } from "neustream-plugin/component";
import { message } from "neustream-plugin/testing";

const ctx = { tenant: "t", installation: "i", callId: "c", traceParent: "", now: 1_760_000_000_000n, attempt: 1, deadlineMs: 100 };
const places = { sources: ["src/index.js"], runs: [[1, -1, 0]] };

/** Imports that remember what was said last. */
function imports(more = {}) {
  /** @type {string[][]} */
  const said = [];
  return { said, config: { get: () => "{}" }, telemetry: { panicked: (/** @type {string[]} */ ...words) => said.push(words) }, ...more };
}

/** @param {() => unknown} call */
function payloadOf(call) {
  try {
    call();
  } catch (error) {
    return /** @type {any} */ (error).payload;
  }
  assert.fail("no error");
}

test("an author has numbers, the bindings have 64 bits", () => {
  const adapter = exported(
    destination({
      prepare: (_, { now }) => Target.of("rtmps://a.example/live", secret("stream-key"), { expiresAt: now + 1, state: "é" }),
      check: () => ({ live: true, viewers: 12 }),
    }),
    imports(),
    places,
  );
  const target = adapter.prepare(ctx, { id: "b", title: "", visibility: "public" });
  assert.equal(target.expiresAt, 1_760_000_000_001n);
  assert.deepEqual(target.protocol, { tag: "rtmps" });
  assert.deepEqual(target.state, new TextEncoder().encode("é"));
  assert.equal(adapter.check(ctx, new Uint8Array()).viewers, 12n);
  assert.equal(adapter.finish(ctx, new Uint8Array()), undefined);
});

test("a plugin error is answered as the interface has it", () => {
  const adapter = exported(
    destination({
      prepare() {
        throw PluginError.rateLimited("slow-down", "Later.", 5000);
      },
    }),
    imports(),
    places,
  );
  const problem = { code: "slow-down", message: "Later.", retryAfterMs: 5000 };
  assert.deepEqual(payloadOf(() => adapter.prepare(ctx, {})), { tag: "rate-limited", val: problem });
});

test("any other error is the plugin's last words, and goes on to be a trap", () => {
  const there = imports();
  const filter = exported(moderation({ judge: () => JSON.parse("{") }), there, places);
  assert.throws(() => filter.judge(ctx, [], []), SyntaxError);
  assert.match(there.said[0][0], /^SyntaxError: /);
});

test("an answer that is not what the interface has is told by its name", () => {
  const there = imports();
  /** @type {any} */
  const wrong = { id: "m", action: { tag: "destroy" }, rule: "r", reason: "r" };
  const answers = [undefined, [wrong], [{ ...Verdict.clean(message("hi")), rule: 7 }]];
  for (const answer of /** @type {any[]} */ (answers)) {
    const filter = exported(moderation({ judge: () => answer }), there, places);
    assert.throws(() => filter.judge(ctx, [], []));
  }
  const words = there.said.map(([message]) => message);
  assert.match(words[0], /judge's answer must be a list, not undefined/);
  assert.match(words[1], /one of allow, .* not destroy/);
  assert.match(words[2], /a verdict's rule must be a text, not number/);
});

test("what the manifest does not ask for is denied when it is called", () => {
  const adapter = exported(
    destination({
      prepare(host) {
        host.send(Request.get("https://a.example"));
        return Target.of("rtmp://a.example/live", "key");
      },
    }),
    imports(),
    places,
  );
  const { tag, val } = payloadOf(() => adapter.prepare(ctx, {}));
  assert.equal(tag, "denied");
  assert.match(val.message, /\[capabilities\.http\]/);
});

test("what the host refuses is a plugin error, which an author may catch", () => {
  const refused = { payload: { tag: "denied", val: { code: "host-denied", message: "Not granted." } } };
  const http = {
    send() {
      throw refused;
    },
  };
  /** @type {unknown} */
  let caught;
  const adapter = exported(
    destination({
      prepare(host) {
        try {
          host.send(Request.get("https://a.example"));
        } catch (error) {
          caught = error;
        }
        return Target.of("rtmp://a.example/live", "key");
      },
    }),
    imports({ http }),
    places,
  );
  adapter.prepare(ctx, {});
  assert.ok(caught instanceof PluginError && caught.code === "host-denied");
});

test("a payment's failure says whether something may have been sent", () => {
  const failing = (/** @type {Error} */ error) => () => {
    throw error;
  };
  const none = () => undefined;
  for (const [error, expected] of /** @type {[PluginError, string][]} */ ([
    [PluginError.unavailable("timed-out", "?"), "unknown"],
    [PluginError.unauthorized("unauthorized", "No."), "not-sent"],
  ])) {
    /** @type {any} */
    const provider = { start: failing(error), find: none, confirm: none, refund: failing(error), receive: none };
    const bound = exported(payment(provider), imports(), places);
    const amount = { minor: 100n, currency: "EUR" };
    assert.equal(payloadOf(() => bound.start(ctx, { key: "k", amount })).tag, expected);
    assert.equal(payloadOf(() => bound.refund(ctx, "k", "p", amount)).tag, expected);
  }
});

test("amounts go in and out exactly", () => {
  /** @type {any} */
  const provider = {
    start: (/** @type {any} */ _, /** @type {any} */ __, /** @type {any} */ { amount }) => Status.settled({ providerId: "p", amount }),
    find: () => undefined,
    confirm: () => Status.declined("failed", "No."),
    refund: () => undefined,
    receive: () => [{ eventId: "e", status: Status.declined("failed", "No.") }],
  };
  const bound = exported(payment(provider), imports(), places);
  const amount = { minor: 9_007_199_254_740_991n, currency: "EUR" };
  assert.deepEqual(bound.start(ctx, { key: "k", amount }).val.amount, amount);
  assert.equal(bound.find(ctx, "k"), undefined);
  assert.equal(bound.receive(ctx, { headers: [], body: new Uint8Array() })[0].key, undefined);
  const beyond = payloadOf(() => bound.start(ctx, { key: "k", amount: { ...amount, minor: 1n << 60n } }));
  assert.deepEqual([beyond.tag, beyond.val.val.code], ["not-sent", "amount-too-large"]);
});

test("a connector's step has every field that the bindings want", () => {
  const connector = exported(
    chat({
      open: () => ({ state: "", effects: [Effect.publish(Message.of("m", "Ronni", "hi")), Effect.status()] }),
      handle: (_, __, state, events) => ({ state, effects: events.map(() => Effect.wakeAfterMs("t", 5)) }),
    }),
    imports(),
    places,
  );
  const [publish, status] = connector.open(ctx).effects;
  assert.deepEqual([publish.val.sentAt, publish.val.authorId, publish.val.roles], [0n, "Ronni", []]);
  assert.deepEqual(status, { tag: "status", val: undefined });
  const answered = { tag: "answered", val: { id: "r", outcome: { tag: "ok", val: { status: 200, headers: [], body: new Uint8Array() } } } };
  assert.deepEqual(connector.handle(ctx, new Uint8Array(), [answered]).effects, [{ tag: "wake", val: { name: "t", afterMs: 5 } }]);
});

test("a plugin without what its kind needs is told so where it is made", () => {
  // @ts-expect-error there is no judge
  assert.throws(() => moderation({}), /a plugin of kind moderation has `judge`; there is no `judge`/);
});
