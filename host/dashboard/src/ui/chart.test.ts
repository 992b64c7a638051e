import { expect, it } from "vitest";
import { summaryOf } from "./chart";

const format = (value: number) => `${value} fps`;

it("says between what a line moved and where it is now", () => {
  const summary = summaryOf([{ label: "Frames", values: [null, 24, 60, 30] }], format);
  expect(summary).toContain("Frames");
  expect(summary).toContain("24 fps");
  expect(summary).toContain("60 fps");
  expect(summary).toMatch(/30 fps\.$/);
});

it("says where nothing was measured", () => {
  expect(summaryOf([{ label: "Frames", values: [null] }], format)).toContain("Frames");
});
