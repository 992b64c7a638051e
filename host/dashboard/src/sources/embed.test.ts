import { expect, it } from "vitest";
import { embedCode } from "./embed";

it("embeds the player of the host that viewers know, whatever the source is called", () => {
  const source = { watch_url: "https://live.example.com/watch/abc", playback_id: "abc" };
  const code = embedCode(source, `"><script>alert(1)</script>`);
  expect(code).toContain(`src="https://live.example.com/embed/abc"`);
  expect(code).not.toContain("<script>");
  expect(code).toContain(`title="&quot;&gt;&lt;script&gt;`);
});
