import { expect, it } from "vitest";
import { strengthOf } from "./password-strength";

it("counts what surprises, not what is repeated", () => {
  expect(strengthOf("kurz")).toBe("short");
  expect(strengthOf("aaaaaaaaaaaaaaaa")).toBe("weak");
  expect(strengthOf("1234567890123")).toBe("weak");
  expect(strengthOf("abcabcabcabcabc")).toBe("weak");
  expect(strengthOf("correct horse battery")).toBe("strong");
  expect(strengthOf("T7#kq!9zRw")).toBe("fair");
});

it("takes passwords in any script", () => {
  expect(strengthOf("नदी पहाड़ किताब घोड़ा")).toBe("strong");
});
