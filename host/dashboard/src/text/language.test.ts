import { expect, it } from "vitest";
import { bestLanguage } from "./language";

it("takes the first language that the pages speak, whatever its region", () => {
  expect(bestLanguage(["xx-YY", "ar-EG", "en-GB"])).toBe("ar");
});

it("falls back to English", () => {
  expect(bestLanguage(["tlh"])).toBe("en");
  expect(bestLanguage([])).toBe("en");
});

it("does not take a property of objects for a language", () => {
  expect(bestLanguage(["constructor", "toString"])).toBe("en");
});
