import { expect, it } from "vitest";
import { chooseLanguage } from "./text";

it("takes the first language that the pages speak, whatever its region", () => {
  expect(chooseLanguage(["xx-YY", "en-GB"])).toBe("en");
});

it("falls back to English", () => {
  expect(chooseLanguage(["tlh"])).toBe("en");
  expect(chooseLanguage([])).toBe("en");
});
