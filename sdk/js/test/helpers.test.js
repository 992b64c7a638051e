import assert from "node:assert/strict";
import { test } from "node:test";

import { Cached, PluginError, Response, hex, isId, isKey, json, paging, query } from "neustream-plugin";

test("a query is read as it was written", () => {
  for (const text of ["", "a", "a b", "ä€😀", "%", "%2", "+&=?#/", "\u0000\r\n"]) {
    const written = query.encode([[text, text]]);
    assert.deepEqual(query.pairs(written), written === "" ? [] : [[text, text]]);
    assert.match(written, /^[\x21-\x7e]*$/);
  }
});

test("nonsense in a query is read without an error", () => {
  for (const [text, expected] of [
    ["a=%", "%"],
    ["a=%4", "%4"],
    ["a=%zz", "%zz"],
    ["a=%é9", "%é9"],
    ["a=%ff", "\u{fffd}"],
    ["a=1=2", "1=2"],
    ["?a=1#b", "1"],
    ["&&a=1", "1"],
  ]) {
    assert.equal(query.get(text, "a"), expected, text);
  }
});

test("lists are read page by page, and one that turns in a circle ends in an error", () => {
  /** @type {Record<string, { items: number[], next?: string }>} */
  const pages = { first: { items: [1, 2], next: "b" }, b: { items: [], next: "c" }, c: { items: [3] } };
  assert.deepEqual([...paging.items((cursor) => pages[cursor ?? "first"])], [1, 2, 3]);
  assert.throws(() => [...paging.items(() => ({ items: [1], next: "x" }))], { code: "paging" });
});

test("the next page is found in a link header", () => {
  for (const [link, expected] of /** @type {[string, string | undefined][]} */ ([
    ['<https://a.example/?p=1>; rel="prev", <https://a.example/?p=3>; rel="next"', "https://a.example/?p=3"],
    ["<https://a.example/?p=3>; rel=next", "https://a.example/?p=3"],
    ['<https://a.example/>; rel="nextish"', undefined],
    ["nonsense", undefined],
  ])) {
    assert.equal(paging.nextLink(new Response(200, [["link", link]], new Uint8Array())), expected, link);
  }
});

test("digits are read and nothing else is", () => {
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  assert.deepEqual(hex.decode(hex.encode(all)), all);
  for (const wrong of ["0", "0g", "+1", " 1", "é"]) assert.equal(hex.decode(wrong), undefined, wrong);
});

test("what is no JSON is told without quoting it", () => {
  assert.throws(() => json.from("<secret>"), (error) => {
    return error instanceof PluginError && error.code === "malformed" && !error.message.includes("secret");
  });
});

test("a preparation is made once for the same text", () => {
  const cached = new Cached();
  let count = 0;
  for (const text of ["a", "a", "b", "a"]) cached.get(text, () => (count += 1));
  assert.equal(count, 3);
});

test("ids and keys are what the host takes for them", () => {
  for (const [text, expected] of /** @type {[unknown, boolean][]} */ ([["m-1", true], ["", false], ["a\n", false], ["ä".repeat(129), false], [7, false]])) {
    assert.equal(isId(text), expected);
  }
  for (const [text, expected] of /** @type {[unknown, boolean][]} */ ([["charge-1", true], ["Charge", false], ["a".repeat(41), false], [undefined, false]])) {
    assert.equal(isKey(text), expected);
  }
});
