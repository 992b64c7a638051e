import { strFromU8, unzipSync } from "fflate";
import { expect, it } from "vitest";
import { folderName, profileFiles, zippedProfile } from "./obs-profile";

const encoder = { name: "Studio", server: "rtmp://stream.example.com:1935/live", key: 'nsk_"quoted"' };

it("says server, key and one keyframe a second in the files that OBS reads", () => {
  const files = profileFiles(encoder);
  expect(JSON.parse(files["service.json"] ?? "")).toEqual({
    type: "rtmp_custom",
    settings: { server: encoder.server, key: encoder.key, use_auth: false, bwtest: false },
  });
  expect(JSON.parse(files["streamEncoder.json"] ?? "")).toMatchObject({ keyint_sec: 1, rate_control: "CBR" });
  // Without the advanced mode OBS does not read `streamEncoder.json`.
  expect(files["basic.ini"]).toContain("[Output]\nMode=Advanced\n");
  expect(files["basic.ini"]).toContain("[General]\nName=Neustream Studio\n");
});

it("names the folder as any system takes it", () => {
  expect(folderName("../../etc: a\nb")).toBe("Neustream etc a b");
  expect(folderName("استوديو १")).toBe("Neustream استوديو १");
  expect(folderName("///")).toBe("Neustream");
});

it("zips one folder", async () => {
  const files = unzipSync(await zippedProfile(encoder));
  expect(Object.keys(files).filter((name) => !name.endsWith("/")).toSorted()).toEqual([
    "Neustream Studio/basic.ini",
    "Neustream Studio/service.json",
    "Neustream Studio/streamEncoder.json",
  ]);
  expect(strFromU8(files["Neustream Studio/service.json"] ?? new Uint8Array())).toContain("rtmp_custom");
});
