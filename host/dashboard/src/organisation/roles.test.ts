import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { roles } from "../api/standing";
import { areas, areaOf, assignable, permissions, scopeGroups, scopesFor } from "./roles";
import { en as keys } from "./keys/text/en";
import { en as team } from "./team/text/en";

const table = readFileSync(new URL("../../../accounts/src/permission.rs", import.meta.url), "utf8");

it("is the server's table", () => {
  const rows = [...table.matchAll(/^ {4}\w+ = "([a-z:]+)", (\w+);$/gm)].map(([, word, role]) => [word, role?.toLowerCase()]);
  expect(rows.length).toBeGreaterThan(20);
  expect(Object.entries(permissions)).toEqual(rows);
});

it("gives keys what the server gives keys", () => {
  const never = [...(/never: .*?expected = \[(.*?)\];/s.exec(table)?.[1] ?? "").matchAll(/"([a-z:]+)"/g)].map(([, word]) => word);
  expect(never.length).toBeGreaterThan(3);
  const all = Object.keys(permissions);
  expect(all.filter((word) => !scopesFor("owner").includes(word as never)).sort()).toEqual([...never].sort());
});

it("has words for every scope and a group for every area of scopes", () => {
  const grouped = Object.values(scopeGroups).flat() as string[];
  for (const scope of scopesFor("owner")) {
    expect(keys.permissions[scope]).toBeDefined();
    expect(grouped).toContain(areaOf(scope));
  }
});

it("lets only owners make owners, and editors nobody", () => {
  expect(assignable("owner")).toEqual(roles);
  expect(assignable("admin")).not.toContain("owner");
  expect(assignable("editor")).toEqual([]);
});

it("says what each role may do, area by area", () => {
  const of = (name: string) => areas().find((area) => area.name === name)?.power;
  expect(of("sources")).toEqual({ viewer: "see", editor: "change", admin: "change", owner: "change" });
  expect(of("audit")).toEqual({ viewer: "none", editor: "none", admin: "see", owner: "see" });
  expect(of("organisation:delete")).toEqual({ viewer: "not", editor: "not", admin: "not", owner: "act" });
  for (const { name } of areas()) expect(team.areas[name]).toBeDefined();
});
