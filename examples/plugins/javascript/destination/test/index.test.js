import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Request, secret } from "neustream-plugin";
import { FakeHost, answer, broadcast, configOfExamples } from "neustream-plugin/testing";

import plugin from "../src/index.js";

/** @param {object} config */
function prepared(config) {
  const host = new FakeHost(config);
  return plugin.prepare(host, host.context(), broadcast());
}

/** @param {import("neustream-plugin").Response} outcome */
function checked(outcome) {
  const host = new FakeHost().expect(Request.get("https://api.live.example/v1/channels/ronni"), outcome);
  const health = plugin.check(host, host.context(), new TextEncoder().encode("ronni"));
  host.done();
  return health;
}

test("the target is the chosen server and the tenant's key", () => {
  const target = prepared({ channel: "ronni", server: "us" });
  assert.equal(target.url, "rtmps://us.ingest.live.example/live");
  assert.deepEqual(target.protocol, { tag: "rtmps" });
  assert.deepEqual(target.key, secret("stream-key"));
  assert.equal(target.state, "ronni");
});

test("the examples of the form work", () => {
  const schema = readFileSync(new URL("../config.schema.json", import.meta.url), "utf8");
  assert.equal(prepared(configOfExamples(schema)).url, "rtmps://eu.ingest.live.example/live");
});

test("the platform tells how many watch", () => {
  assert.deepEqual(checked(answer(200, { live: true, viewers: 12 })), { live: true, viewers: 12 });
});

test("a channel that is not there is not live", () => {
  assert.deepEqual(checked(answer(404)), { live: false });
});

test("a platform that fails is an error and not the end of the broadcast", () => {
  for (const outcome of [answer(503), answer(200, "<html>"), answer(200, {})]) {
    assert.throws(() => checked(outcome), { kind: "unavailable" });
  }
});
