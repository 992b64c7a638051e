import assert from "node:assert/strict";
import { test } from "node:test";

import { PaymentFailure, PluginError, Response } from "neustream-plugin";

test("a status tells who is to act", () => {
  for (const [status, kind, code] of [
    [301, "unavailable", "platform-error"],
    [400, "other", "refused"],
    [401, "unauthorized", "unauthorized"],
    [403, "unauthorized", "unauthorized"],
    [404, "other", "refused"],
    [408, "unavailable", "platform-error"],
    [429, "rate-limited", "rate-limited"],
    [503, "unavailable", "platform-error"],
  ]) {
    const error = new Response(Number(status), [], new Uint8Array()).errorOfStatus("Example");
    assert.deepEqual([error.kind, error.code], [kind, code], String(status));
    assert.match(error.message, /^Example /);
  }
});

test("retry-after is read in seconds and as a date", () => {
  const now = "Fri, 20 Nov 2026 08:00:00 GMT";
  for (const [value, date, expected] of /** @type {[string, string | undefined, number | undefined][]} */ ([
    ["30", undefined, 30_000],
    [" 0 ", undefined, 0],
    ["4294967295", undefined, undefined],
    ["-1", undefined, undefined],
    ["soon", now, undefined],
    ["Fri, 20 Nov 2026 08:01:00 GMT", now, 60_000],
    ["Fri, 20 Nov 2026 07:00:00 GMT", now, 0],
    ["Fri, 20 Nov 2026 08:01:00 GMT", undefined, undefined],
  ])) {
    /** @type {[string, string][]} */
    const headers = [["Retry-After", value]];
    if (date !== undefined) headers.push(["date", date]);
    assert.equal(new Response(503, headers, new Uint8Array()).retryAfterMs(), expected, value);
  }
});

test("a failed payment takes the safe side", () => {
  for (const [error, kind] of /** @type {[PluginError, string][]} */ ([
    [PluginError.denied("host-denied", "No."), "not-sent"],
    [PluginError.invalidConfig("/a", "wrong", "no"), "not-sent"],
    [PluginError.unauthorized("unauthorized", "No."), "not-sent"],
    [PluginError.rateLimited("rate-limited", "Later."), "not-sent"],
    [PluginError.unavailable("timed-out", "?"), "unknown"],
    [PluginError.other("refused", "?"), "unknown"],
  ])) {
    assert.equal(PaymentFailure.of(error).kind, kind, error.kind);
  }
});

test("an error of an unknown kind is refused where it is made", () => {
  // @ts-expect-error the kinds are closed
  assert.throws(() => new PluginError("fatal", "a", "b"), /no kind of a PluginError/);
});
