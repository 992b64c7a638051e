import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError, borrowAccessToken, call, refresh, setAccessToken, whenSessionIsLost } from "./client";

const json = (status: number, body: unknown) =>
  new Response(status === 204 ? null : JSON.stringify(body), { status });

/** What the server was asked, and the answers that it gives in turn. */
function answering(...answers: Response[]) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    const token = new Headers(init.headers).get("Authorization") ?? "anonymous";
    asked.push(`${init.method} ${path} ${token}`);
    const answer = answers.shift();
    return answer === undefined ? Promise.reject(new TypeError("no answer left")) : Promise.resolve(answer);
  });
  return asked;
}

beforeEach(() => setAccessToken("old"));
afterEach(() => vi.unstubAllGlobals());

it("refreshes an expired token once and asks again", async () => {
  const asked = answering(json(401, {}), json(200, { token: "new" }), json(200, { sources: [] }));
  expect(await call("get", "/api/sources")).toEqual({ sources: [] });
  expect(asked).toEqual([
    "GET /api/sources Bearer old",
    "POST /api/auth/refresh Bearer old",
    "GET /api/sources Bearer new",
  ]);
});

it("trades the refresh cookie once for requests that expire together", async () => {
  const asked = answering(
    json(401, {}),
    json(401, {}),
    json(200, { token: "new" }),
    json(200, 1),
    json(200, 2),
  );
  await Promise.all([call("get", "/api/sources"), call("get", "/api/plugins")]);
  expect(asked.filter((line) => line.includes("refresh"))).toHaveLength(1);
});

it("tells when the session is over", async () => {
  const lost = vi.fn();
  whenSessionIsLost(lost);
  answering(json(401, {}), json(401, {}));
  await expect(call("get", "/api/sources")).rejects.toBeInstanceOf(ApiError);
  expect(lost).toHaveBeenCalledOnce();
});

it("does not renew a borrowed token with the cookie of somebody else", async () => {
  const lost = vi.fn();
  whenSessionIsLost(lost);
  borrowAccessToken("theirs");
  const asked = answering(json(401, {}));
  await expect(call("get", "/api/sources")).rejects.toBeInstanceOf(ApiError);
  expect(await refresh()).toBe(false);
  expect(asked).toEqual(["GET /api/sources Bearer theirs"]);
  expect(lost).toHaveBeenCalledOnce();
});

it("renews again once the own session is taken up", async () => {
  borrowAccessToken("theirs");
  setAccessToken(undefined);
  answering(json(200, { token: "own" }), json(200, { sources: [] }));
  expect(await refresh()).toBe(true);
  expect(await call("get", "/api/sources")).toEqual({ sources: [] });
});

it("keeps the words of a refusal", async () => {
  answering(json(422, { error: "Invalid configuration", details: "rtmp_url is missing", code: "CONFIG_INVALID" }));
  await expect(call("post", "/api/sources", { body: { name: "" } })).rejects.toMatchObject({
    status: 422,
    message: "Invalid configuration",
    details: "rtmp_url is missing",
    code: "CONFIG_INVALID",
  });
});

it("makes a sentence of an answer that is not the API's", async () => {
  answering(new Response("<html>Bad gateway</html>", { status: 502 }));
  await expect(call("get", "/api/sources")).rejects.toMatchObject({ status: 502, code: "HTTP_502" });
});

it("fills the names in a path", async () => {
  const asked = answering(json(204, null));
  await call("delete", "/api/sources/{id}", { parameters: { id: "a/b" } });
  expect(asked).toEqual(["DELETE /api/sources/a%2Fb Bearer old"]);
});
