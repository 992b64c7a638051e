import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Effect, Endpoint, Message, Transport } from "neustream-plugin";
import { Driver, configOfExamples } from "neustream-plugin/testing";

import plugin from "../src/index.js";

const schema = readFileSync(new URL("../config.schema.json", import.meta.url), "utf8");

/** A driver whose connection is open. */
function connected() {
  const driver = new Driver(plugin, configOfExamples(schema));
  assert.deepEqual(driver.handle({ tag: "opened", val: "chat" }), [Effect.status()]);
  return driver;
}

/**
 * @param {Driver} driver
 * @param {string} text
 */
function said(driver, text) {
  return driver.handle({ tag: "received", val: { connection: "chat", payload: { tag: "text", val: text } } });
}

/**
 * @param {Driver} driver
 * @param {string} id
 */
function send(driver, id) {
  return driver.handle({ tag: "send", val: { id, text: "hello" } });
}

test("the channel's socket is kept open", () => {
  const driver = new Driver(plugin, { channel: "ronni" });
  const endpoint = new Endpoint("wss://chat.live.example/v1/channels/ronni").bearer("token");
  assert.deepEqual(driver.effects, [Effect.reopen("chat", Transport.websocket(endpoint))]);
});

test("messages and removals are told", () => {
  const driver = connected();
  const text = '{"type": "message", "id": "m-1", "author_id": "42", "author": "Ronni", "text": "hi"}';
  assert.deepEqual(said(driver, text), [Effect.publish(Message.of("m-1", "Ronni", "hi", { authorId: "42" }))]);
  assert.deepEqual(said(driver, '{"type": "removed", "id": "m-1"}'), [Effect.retract("m-1")]);
});

test("what is written is sent once the platform says so", () => {
  const driver = connected();
  assert.deepEqual(send(driver, "o-1"), [Effect.text("chat", '{"ref":"o-1","text":"hello","type":"send"}')]);
  assert.deepEqual(said(driver, '{"type": "sent", "ref": "o-1"}'), [Effect.sent("o-1")]);
});

test("what is refused or lost has failed", () => {
  const driver = connected();
  send(driver, "o-1");
  const refused = said(driver, '{"type": "refused", "ref": "o-1", "reason": "Slow mode."}');
  assert.deepEqual(refused, [Effect.failed("o-1", { code: "refused", message: "Slow mode." })]);
  send(driver, "o-2");
  const problem = { code: "closed", message: "The server closed the connection." };
  const [failed, status] = /** @type {any[]} */ (driver.handle({ tag: "closed", val: { connection: "chat", problem } }));
  assert.deepEqual([failed.val.id, failed.val.problem.code], ["o-2", "unconfirmed"]);
  assert.deepEqual(status, Effect.status(problem));
  const [late] = /** @type {any[]} */ (send(driver, "o-3"));
  assert.equal(late.val.problem.code, "not-connected");
});

test("nonsense is passed over", () => {
  const driver = connected();
  for (const text of ["", "{}", "[1", '{"type": "dance"}', '{"type": "removed", "id": ""}']) {
    assert.deepEqual(said(driver, text), []);
  }
});
