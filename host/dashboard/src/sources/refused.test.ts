import { expect, it } from "vitest";
import { ApiError } from "../api/client";
import { refusedOf } from "./refused";

const refusal = (code: string, details: unknown) => new ApiError(422, code, "refused", details);

it("puts a forbidden address at its field", () => {
  const error = refusal("ADDRESS_REFUSED", "config.rtmp_url: 10.0.0.1 is a private address");
  expect(refusedOf(error, [])).toEqual({
    config: { "/rtmp_url": "10.0.0.1 is a private address." },
    secrets: {},
    rest: undefined,
  });
});

it("puts what the schema refuses at its field", () => {
  const error = refusal("CONFIG_INVALID", "/rtmp_url: is too short");
  expect(refusedOf(error, []).config).toEqual({ "/rtmp_url": "Is too short." });
});

it("puts a missing secret at its field", () => {
  const error = refusal("VALIDATION_FAILED", "secrets: neustream/kick needs stream-key (Stream key)");
  expect(refusedOf(error, ["stream-key"]).secrets).toEqual({ "stream-key": "Neustream/kick needs stream-key (Stream key)." });
});

it("keeps what has no place", () => {
  const error = refusal("LIMIT_REACHED", { current: 3, max: 3 });
  expect(refusedOf(error, ["stream-key"])).toEqual({ config: {}, secrets: {}, rest: error });
});
