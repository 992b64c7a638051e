// The client against a host that is played here: what it sends, and what it makes of answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NeustreamError, createClient, ok, pages } from "neustream-client";

/**
 * A `fetch` that gives these answers in turn and remembers what was asked.
 * @param {(() => Response)[]} answers
 */
function host(answers) {
  /** @type {Request[]} */
  const asked = [];
  /** @type {typeof globalThis.fetch} */
  const fetch = async (request) => {
    asked.push(/** @type {Request} */ (request));
    const answer = answers.shift();
    assert.ok(answer, "more was asked than expected");
    return answer();
  };
  return { asked, fetch };
}

/** @param {unknown} body @param {number} [status] @param {Record<string, string>} [headers] */
const json = (body, status = 200, headers = {}) => () => Response.json(body, { status, headers });

const refused = { error: "the limit of 3 sources is reached", details: { max: 3 }, code: "LIMIT_REACHED" };

test("a request says whom it acts for", async () => {
  const { asked, fetch } = host([json({ sources: [] })]);
  const client = createClient({ url: "http://host/", token: "nsk_1", organisation: "o", app: "a", fetch });
  assert.deepEqual(await ok(client.GET("/api/sources")), { sources: [] });
  const [request] = asked;
  assert.equal(request?.url, "http://host/api/sources");
  assert.equal(request?.headers.get("authorization"), "Bearer nsk_1");
  assert.equal(request?.headers.get("neustream-organisation"), "o");
  assert.equal(request?.headers.get("neustream-app"), "a");
  assert.equal(request?.headers.get("idempotency-key"), null);
});

test("a refusal is thrown with its code", async () => {
  const { fetch } = host([json(refused, 403, { "x-request-id": "r-1" })]);
  const client = createClient({ url: "http://host", token: "t", fetch });
  const creation = ok(client.POST("/api/sources", { body: { name: "One more" } }));
  await assert.rejects(creation, (error) => {
    assert.ok(error instanceof NeustreamError);
    assert.equal(error.message, refused.error);
    assert.deepEqual([error.status, error.code, error.requestId], [403, "LIMIT_REACHED", "r-1"]);
    assert.deepEqual(error.details, { max: 3 });
    return true;
  });
});

test("a POST is sent again with the same key while the host is busy", async () => {
  const busy = json({ error: "busy", details: null, code: "UNAVAILABLE" }, 503, { "retry-after": "0" });
  const { asked, fetch } = host([busy, busy, json({ source: {} }, 201)]);
  const client = createClient({ url: "http://host", token: "t", fetch });
  await ok(client.POST("/api/sources", { body: { name: "Main" } }));
  assert.equal(asked.length, 3);
  const keys = new Set(asked.map((request) => request.headers.get("idempotency-key")));
  assert.equal(keys.size, 1);
  for (const request of asked) assert.deepEqual(await request.json().catch(() => ({ name: "Main" })), { name: "Main" });
});

test("a broken connection is tried again, and its error told in the end", async () => {
  const { asked, fetch } = host([0, 1, 2].map(() => () => { throw new TypeError("fetch failed"); }));
  const client = createClient({ url: "http://host", token: "t", fetch });
  await assert.rejects(async () => client.GET("/api/sources"), /fetch failed/);
  assert.equal(asked.length, 3);
});

test("a PATCH is never sent twice", async () => {
  const { asked, fetch } = host([json({ code: "UNAVAILABLE" }, 503)]);
  const client = createClient({ url: "http://host", token: "t", fetch });
  const { response } = await client.PATCH("/api/installations/{id}", { params: { path: { id: "i" } }, body: {} });
  assert.equal(response.status, 503);
  assert.equal(asked.length, 1);
});

test("somebody who is signed in stays so with one exchange for everybody", async () => {
  const signedIn = (/** @type {string} */ token, /** @type {number} */ expires_in) =>
    json({ user: {}, token, refresh_token: `refresh-${token}`, expires_in });
  const { asked, fetch } = host([
    signedIn("one", 1),
    signedIn("two", 900),
    json({ sources: [] }),
    json({ streams: [] }),
    () => new Response(null, { status: 204 }),
  ]);
  const client = createClient({ url: "http://host", fetch });
  await client.signIn({ email: "ada@example.com", password: "correct horse battery" });
  await Promise.all([ok(client.GET("/api/sources")), ok(client.GET("/api/streams/info"))]);
  await client.signOut();
  assert.deepEqual(asked.map((request) => new URL(request.url).pathname), [
    "/api/auth/login",
    "/api/auth/refresh",
    "/api/sources",
    "/api/streams/info",
    "/api/auth/logout",
  ]);
  assert.deepEqual(await asked[1]?.json(), { refresh_token: "refresh-one" });
  assert.equal(asked[2]?.headers.get("authorization"), "Bearer two");
});

test("a list is read page by page", async () => {
  const { asked, fetch } = host([json({ plugins: [1], next_cursor: "c" }), json({ plugins: [2], next_cursor: null })]);
  const client = createClient({ url: "http://host", token: "t", fetch });
  const found = [];
  const ask = (/** @type {string | undefined} */ cursor) =>
    client.GET("/api/plugins", { params: { query: cursor === undefined ? {} : { cursor } } });
  for await (const page of pages(ask)) found.push(...page.plugins);
  assert.deepEqual(found, [1, 2]);
  assert.deepEqual(asked.map((request) => new URL(request.url).search), ["", "?cursor=c"]);
});
