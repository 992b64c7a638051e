// A strict stand-in of the host, for a plugin's own unit tests, with node's own test runner.

import { strict as assert } from "node:assert";
import { createHmac, timingSafeEqual } from "node:crypto";

import { bytesOf } from "./bytes.js";
import { PluginError } from "./error.js";
import { Response, Webhook } from "./response.js";

const NOW_MS = 1_760_000_000_000;

export class FakeHost {
  #config;
  #secrets = new Map();
  #script = [];
  #memory = new Map();
  #revision = 0;
  #log = [];
  #counts = new Map();
  #isFull = false;
  now = NOW_MS;

  constructor(config = {}) {
    this.configure(config);
  }

  configure(config) {
    this.#config = typeof config === "string" ? config : JSON.stringify(config);
    return this;
  }

  withSecret(name, value) {
    this.#secrets.set(name, value);
    return this;
  }

  expect(request, outcome) {
    this.#script.push({ request, outcome });
    return this;
  }

  done() {
    const left = this.#script.map(({ request }) => `${request.method} ${request.url}`).join(", ");
    assert.equal(this.#script.length, 0, `announced and never made: ${left}`);
  }

  breakMemory() {
    this.#isFull = true;
  }

  passSeconds(seconds) {
    this.now += seconds * 1000;
  }

  context() {
    return {
      tenant: "tenant-1",
      installation: "installation-1",
      callId: "call-1",
      traceParent: "",
      now: this.now,
      attempt: 1,
      deadlineMs: 10_000,
    };
  }

  logged(level) {
    return this.#log.filter(([at]) => at === level).map(([, message]) => message);
  }

  counted(metric) {
    return this.#counts.get(metric) ?? 0;
  }

  remember(key, value, ttlS) {
    this.#revision += 1;
    const expires = ttlS === undefined || ttlS === null ? Number.POSITIVE_INFINITY : this.now + ttlS * 1000;
    this.#memory.set(key, { entry: { value: bytesOf(value), revision: this.#revision }, expires });
    return this.#revision;
  }

  // What a plugin asks.

  config() {
    return this.#config;
  }

  log(level, message, fields = {}) {
    for (const text of [message, ...Object.entries(fields).flat()]) {
      assert.doesNotMatch(String(text), /\p{Cc}/u, "a control character in the log");
    }
    this.#log.push([level, message]);
  }

  count(metric, delta = 1) {
    assert.match(metric, /^[a-z0-9-]{1,64}$/, "a metric's name is kebab-case, at most 64 bytes");
    this.#counts.set(metric, this.counted(metric) + delta);
    assert.ok(this.#counts.size <= 16, "more than 16 metrics");
  }

  verifyHmacSha256(key, data, tag) {
    const [own, given] = [this.hmacSha256(key, data), bytesOf(tag)];
    return own.length === given.length && timingSafeEqual(own, given);
  }

  hmacSha256(key, data) {
    const secret = this.#secrets.get(key);
    if (secret === undefined) throw new PluginError("invalid-config", "secret-missing", `the secret \`${key}\` is not set`);
    return new Uint8Array(createHmac("sha256", secret).update(bytesOf(data)).digest());
  }

  send(request) {
    const next = this.#script.shift();
    assert.ok(next, `a request that the test did not announce (FakeHost.expect): ${request.method} ${request.url}`);
    assert.deepEqual(request, next.request, undefined);
    if (next.outcome instanceof Error) throw next.outcome;
    return next.outcome;
  }

  kvGet(key) {
    this.#checkMemory();
    return this.#memory.get(key)?.entry;
  }

  kvPut(key, value, expected, ttlS) {
    this.#checkMemory();
    assert.ok(bytesOf(key).length <= 256, "a key has at most 256 bytes");
    assert.ok(bytesOf(value).length <= 64 * 1024, "a value has at most 64 KiB");
    if (this.#memory.get(key)?.entry.revision !== (expected ?? undefined)) return undefined;
    return this.remember(key, value, ttlS);
  }

  kvDelete(key, expected) {
    this.#checkMemory();
    const isSame = this.#memory.get(key)?.entry.revision === expected;
    if (isSame) this.#memory.delete(key);
    return isSame;
  }

  #checkMemory() {
    if (this.#isFull) throw PluginError.other("quota", "the memory is full");
    for (const [key, { expires }] of this.#memory) if (expires <= this.now) this.#memory.delete(key);
  }
}

export class Driver {
  #connector;
  state = new Uint8Array();
  effects = [];

  constructor(connector, config = {}) {
    this.#connector = connector;
    this.host = new FakeHost(config);
    this.#commit(() => connector.open(this.host, this.host.context()));
  }

  handle(...events) {
    return this.#commit(() => this.#connector.handle(this.host, this.host.context(), this.state, structuredClone(events)));
  }

  #commit(call) {
    const step = call();
    assert.deepEqual(call(), step, "the same events must give the same step");
    const state = bytesOf(step.state);
    assert.ok(state.length <= 64 * 1024, `the state has ${state.length} bytes`);
    [this.state, this.effects] = [state, step.effects];
    return step.effects;
  }
}

export function answer(status, body = "", headers = []) {
  const isBytes = typeof body === "string" || body instanceof Uint8Array;
  return new Response(status, headers, bytesOf(isBytes ? body : JSON.stringify(body)));
}

export function unreachable() {
  return PluginError.unavailable("timed-out", "the platform did not answer within 3000 ms");
}

export function broadcast() {
  return { id: "broadcast-1", title: "First light", visibility: "public" };
}

export function message(text) {
  return { id: "m-1", platform: "twitch", authorHash: "author-1", roles: [], text, traits: [] };
}

export function charge() {
  return {
    key: "charge-1",
    amount: { minor: 1250, currency: "EUR" },
    description: "A month of membership",
    payerRef: "payer-1",
    returnUrl: "https://shop.example/thanks",
  };
}

export function webhook(headers, body) {
  return new Webhook(headers, bytesOf(body));
}

export function judge(filter, host, batch, found = []) {
  const verdicts = filter.judge(host, host.context(), batch, found);
  const again = filter.judge(host, host.context(), batch, found);
  assert.deepEqual(again, verdicts, "the same messages must give the same verdicts");
  return verdicts;
}

export function configOfExamples(schema) {
  const { properties } = typeof schema === "string" ? JSON.parse(schema) : schema;
  return Object.fromEntries(Object.entries(properties).map(([name, its]) => [name, its.examples[0]]));
}
