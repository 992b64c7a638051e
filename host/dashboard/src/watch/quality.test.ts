import { expect, it } from "vitest";
import { AUTOMATIC, choices } from "./quality";

const level = (height: number, bitrate = 2_000_000, frameRate = 30) => ({ height, bitrate, frameRate });
const names = (...parameters: Parameters<typeof choices>) => choices(...parameters).map(({ name }) => name);

it("lists the best first, after the automatic choice with what it takes now", () => {
  const menu = choices([level(360), level(1080), level(720)], AUTOMATIC, 2, 720);
  expect(menu.map(({ name }) => name)).toEqual(["720p", "1080p", "720p", "360p"]);
  expect(menu.map(({ level: index }) => index)).toEqual([AUTOMATIC, 1, 2, 0]);
  expect(menu.map(({ isChosen }) => isChosen)).toEqual([true, false, false, false]);
});

it("marks the level that was chosen", () => {
  expect(choices([level(360), level(720)], 0, 0, 360).filter(({ isChosen }) => isChosen)).toMatchObject([{ level: 0 }]);
});

it("believes the picture more than the playlist", () => {
  expect(names([level(0)], AUTOMATIC, 0, 540)).toEqual(["540p", "540p"]);
});

it("tells levels of one height apart", () => {
  expect(names([level(720, 1_500_000), level(720, 3_000_000)], AUTOMATIC, 0, 720)).toEqual([
    "720p · 1.5 Mbit/s",
    "720p · 3.0 Mbit/s",
    "720p · 1.5 Mbit/s",
  ]);
  expect(names([level(720, 3_000_000, 60), level(720)], AUTOMATIC, 0, 720).slice(1)).toEqual(["720p60", "720p"]);
});

it("without levels says what the picture is, as far as it is known", () => {
  expect(names([], AUTOMATIC, -1, 720)).toEqual(["720p"]);
  expect(names([], AUTOMATIC, -1, 0)).toEqual([""]);
});
