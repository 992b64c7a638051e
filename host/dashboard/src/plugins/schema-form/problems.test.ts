import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/client";
import { problemsAt, problemsOf, problemWithin } from "./problems";

describe("a refusal", () => {
  it("tells its places in a list", () => {
    const error = new ApiError(422, "CONFIG_INVALID", "no", [
      { pointer: "/channel", message: "is required" },
      { pointer: "", message: "too much" },
    ]);
    expect(problemsOf(error)).toEqual({ "/channel": "Is required.", "": "Too much." });
  });

  it("tells its place in a text", () => {
    const error = (details: string) => new ApiError(422, "CONFIG_INVALID", "no", details);
    expect(problemsOf(error("/a~1b: value does not match: x"))).toEqual({ "/a~1b": "Value does not match: x." });
    expect(problemsOf(error("configuration is odd"))).toEqual({ "": "Configuration is odd." });
  });

  it("says nothing of places where it is about something else", () => {
    expect(problemsOf(new ApiError(422, "VALIDATION_FAILED", "no", "name: too long"))).toEqual({});
    expect(problemsOf(new Error("x"))).toEqual({});
    expect(problemsOf(undefined)).toEqual({});
  });
});

it("reads places of installations and of plans alike", () => {
  expect(problemsAt([{ place: "/a", message: "bad" }, { pointer: "/b", message: "bad" }, { message: "bad" }, 7])).toEqual({
    "/a": "Bad.",
    "/b": "Bad.",
  });
});

it("finds what is wrong within a place, and not beside it", () => {
  const problems = { "/words/3": "Too long.", "/wordsmith": "No." };
  expect(problemWithin(problems, "/words")).toBe("Too long.");
  expect(problemWithin(problems, "/word")).toBeUndefined();
});
