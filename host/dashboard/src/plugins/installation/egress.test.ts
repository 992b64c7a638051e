import { expect, it } from "vitest";
import type { ActivityBody, EgressBody } from "../../../generated/schema";
import { egressOf } from "./egress";

const toward = (host: string, bytes_out: number, secrets: string[] = []): EgressBody => ({
  host,
  requests: 1,
  bytes_out,
  bytes_in: 10,
  secrets,
});

it("adds the days up by host, the busiest first, with hosts that only ran since", () => {
  const activity = {
    days: [{ egress: [toward("a.example", 5, ["key"]), toward("b.example", 50)] }, { egress: [toward("a.example", 7, ["token", "key"])] }],
    live: { egress: [toward("a.example", 7), toward("c.example", 1)] },
  } as Pick<ActivityBody, "days" | "live">;
  expect(egressOf(activity)).toEqual([
    toward("b.example", 50),
    { host: "a.example", requests: 2, bytes_out: 12, bytes_in: 20, secrets: ["key", "token"] },
    toward("c.example", 1),
  ]);
});
