import { expect, it } from "vitest";
import { plural } from "./plural";

it("puts the number into the sentence of its category", () => {
  const words = { one: "# source", other: "# sources" };
  expect(plural(words, 1)).toBe("1 source");
  expect(plural(words, 1200)).toBe("1,200 sources");
});
