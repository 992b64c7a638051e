import { expect, it } from "vitest";
import { embedCode, sharedLink } from "./share";

const unknown = { width: 0, height: 0 };
const origin = "https://stream.example.com";

it("shares the page", () => {
  expect(sharedLink(origin, "abcdefgh23456789")).toBe("https://stream.example.com/watch/abcdefgh23456789");
});

it("shares the player as a frame that may do what a player does", () => {
  const code = embedCode(origin, "abcdefgh23456789", "Morning show", unknown);
  expect(code).toContain('src="https://stream.example.com/embed/abcdefgh23456789"');
  expect(code).toContain('title="Morning show"');
  expect(code).toContain('allow="autoplay; fullscreen; picture-in-picture" allowfullscreen');
});

it("gives the frame the shape of the picture, and a usual one before there is a picture", () => {
  expect(embedCode(origin, "a", "t", unknown)).toContain('width="640" height="360"');
  expect(embedCode(origin, "a", "t", { width: 1080, height: 1920 })).toContain('width="640" height="1137"');
});

it("lets no title out of its attribute", () => {
  const code = embedCode(origin, "a", `"><script>alert('1')</script>&`, unknown);
  expect(code).toContain('title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"');
});
