// The client against a real host: `cargo test -p neustream-tests --test clients` starts one and runs this.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NeustreamError, createClient, ok } from "neustream-client";

const url = process.env["NEUSTREAM_TEST_URL"] ?? "";
const credentials = {
  email: process.env["NEUSTREAM_TEST_EMAIL"] ?? "",
  password: process.env["NEUSTREAM_TEST_PASSWORD"] ?? "",
};
const skip = url === "" && "there is no host: NEUSTREAM_TEST_URL names one";

test("a source and a destination live from creation to deletion", { skip }, async () => {
  const client = createClient({ url });
  const { user } = await client.signIn(credentials);
  assert.equal(user.email, credentials.email);

  const { source } = await ok(client.POST("/api/sources", { body: { name: "From JavaScript" } }));
  assert.match(source.stream_key ?? "", /^sk_/);
  const path = { id: source.id };
  const { destination } = await ok(
    client.POST("/api/sources/{id}/destinations", {
      params: { path },
      body: { platform: "youtube", rtmp_url: "rtmps://a.rtmps.youtube.com:443/live2", stream_key: "yt-key" },
    }),
  );
  assert.equal(destination.platform, "youtube");
  const { sources } = await ok(client.GET("/api/sources"));
  assert.equal(sources.find((listed) => listed.id === source.id)?.destinations_count, 1);
  const { streams } = await ok(client.GET("/api/streams/info"));
  assert.equal(streams.find((stream) => stream.id === source.id)?.is_active, false);

  const changed = await ok(client.PUT("/api/sources/{id}", { params: { path }, body: { name: "Renamed" } }));
  assert.equal(changed.source.name, "Renamed");
  await ok(client.DELETE("/api/sources/{id}", { params: { path } }));
  const gone = ok(client.GET("/api/sources/{id}", { params: { path } }));
  await assert.rejects(gone, (error) => error instanceof NeustreamError && error.code === "NOT_FOUND");
  await client.signOut();
});

test("a refusal tells its code and the request's id", { skip }, async () => {
  const client = createClient({ url, token: "nonsense" });
  const answer = ok(client.GET("/api/sources"));
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof NeustreamError);
    assert.deepEqual([error.status, error.code], [401, "TOKEN_INVALID"]);
    return true;
  });
});
