import assert from "node:assert/strict";
import { test } from "node:test";

import { Request } from "neustream-plugin";
import { FakeHost, answer, unreachable } from "neustream-plugin/testing";

const request = () => Request.get("https://api.example/v1").bearer("account");

test("announced requests are answered, others fail the test", () => {
  const host = new FakeHost().expect(request(), answer(200, { live: true })).expect(request(), unreachable());
  assert.deepEqual(host.send(request()).json(), { live: true });
  assert.throws(() => host.send(request()), { code: "timed-out" });
  assert.throws(() => host.send(request()), /did not announce/);
  host.expect(request(), answer(200));
  assert.throws(() => host.send(request().query("a", "b")));
  host.expect(request(), answer(200));
  assert.throws(() => host.done(), /never made: GET https:\/\/api.example\/v1/);
});

test("the memory compares, expires and fills up", () => {
  const host = new FakeHost();
  assert.equal(host.kvPut("a", "1"), 1);
  assert.equal(host.kvPut("a", "2"), undefined);
  assert.equal(host.kvPut("a", "2", 1, 10), 2);
  assert.deepEqual(host.kvGet("a")?.value, new TextEncoder().encode("2"));
  host.passSeconds(10);
  assert.equal(host.kvGet("a"), undefined);
  assert.equal(host.kvDelete("a", 2), false);
  host.breakMemory();
  assert.throws(() => host.kvPut("b", "1"), { code: "quota" });
});

test("a signature is verified with the secret of its name", () => {
  const host = new FakeHost().withSecret("webhook-secret", "whsec_1");
  const tag = host.hmacSha256("webhook-secret", "body");
  assert.equal(host.verifyHmacSha256("webhook-secret", "body", tag), true);
  assert.equal(host.verifyHmacSha256("webhook-secret", "other", tag), false);
  assert.equal(host.verifyHmacSha256("webhook-secret", "body", ""), false);
  assert.throws(() => host.hmacSha256("other", "body"), { code: "secret-missing" });
});

test("what would be escaped in a log, and names that are no metrics, fail the test", () => {
  const host = new FakeHost();
  host.log("info", "fine", { count: 1 });
  assert.deepEqual(host.logged("info"), ["fine"]);
  assert.throws(() => host.log("info", "a\nb"));
  host.count("messages", 2);
  host.count("messages");
  assert.equal(host.counted("messages"), 3);
  assert.throws(() => host.count("Messages"));
});
