import { expect, it } from "vitest";
import { inPlainWords } from "./reasons";

it("says what a known reason means and what to do, and keeps the figures of the server", () => {
  const message = "the stream has 8200 kbit/s, the platform accepts 6000: it may drop or end the broadcast";
  const told = inPlainWords({ code: "above-limit", message });
  expect(told.what).toBe("You send more than the platform accepts.");
  expect(told.said).toBe("The stream has 8200 kbit/s, the platform accepts 6000: it may drop or end the broadcast.");
  expect(told.todo).toContain("Bitrate");
  expect(told.remedy).toBe("encoder");
});

it("leads from a refused key to the destination, and from a refused account to the account", () => {
  expect(inPlainWords({ code: "rejected", message: "" }).remedy).toBe("destination");
  expect(inPlainWords({ code: "oauth-consent-needed", message: "" }).remedy).toBe("account");
});

it("tells a reason of a foreign plugin in its own words", () => {
  expect(inPlainWords({ code: "moon-phase", message: "the moon is full" })).toEqual({
    what: "The moon is full.",
    said: undefined,
    todo: undefined,
    remedy: "none",
  });
});
