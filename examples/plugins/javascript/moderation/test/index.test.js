import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FakeHost, configOfExamples, judge, message } from "neustream-plugin/testing";

import plugin from "../src/index.js";

test("a message with a word is held in any case", () => {
  const host = new FakeHost({ words: ["darn"] });
  const [{ action, rule }] = judge(plugin, host, [message("Oh DARN it")]);
  assert.deepEqual([action.tag, rule], ["hold", "words"]);
});

test("other messages are allowed", () => {
  const host = new FakeHost({ words: ["darn"] });
  assert.equal(judge(plugin, host, [message("hello")])[0].action.tag, "allow");
});

test("the tenant chooses what becomes of them", () => {
  const host = new FakeHost({ words: ["darn"], action: "delete" });
  assert.equal(judge(plugin, host, [message("darn")])[0].action.tag, "delete");
});

test("the examples of the form work", () => {
  const schema = readFileSync(new URL("../config.schema.json", import.meta.url), "utf8");
  const host = new FakeHost(configOfExamples(schema));
  assert.equal(judge(plugin, host, [message("heck")])[0].action.tag, "hold");
});
