/** The permission table: what each role may do, and what an API key may be given. The server decides. */

import { isAtLeast, roles } from "../api/standing";
import type { RoleBody } from "../../generated/schema";

/** Every permission's word with the least role that has it, in the order of the server's table. */
export const permissions = {
  "sources:read": "viewer",
  "sources:write": "editor",
  "streams:read": "viewer",
  "streams:control": "editor",
  "playback:read": "viewer",
  "playback:write": "editor",
  "plugins:read": "viewer",
  "plugins:write": "admin",
  "chat:read": "viewer",
  "chat:write": "editor",
  "moderation:read": "viewer",
  "moderation:write": "editor",
  "payments:read": "admin",
  "payments:write": "admin",
  "publishing:read": "admin",
  "publishing:write": "admin",
  "apps:read": "viewer",
  "apps:write": "admin",
  "team:read": "viewer",
  "team:write": "admin",
  "keys:read": "admin",
  "keys:write": "admin",
  "billing:read": "viewer",
  "billing:write": "owner",
  "audit:read": "admin",
  "data:export": "admin",
  "organisation:read": "viewer",
  "organisation:write": "admin",
  "organisation:delete": "owner",
} as const satisfies Record<string, RoleBody>;

export type Permission = keyof typeof permissions;

const words = Object.keys(permissions) as Permission[];

/** For people alone: a key that leaks must not be able to make itself at home. */
const forPeople: readonly Permission[] = [
  "team:write",
  "keys:write",
  "billing:write",
  "data:export",
  "organisation:write",
  "organisation:delete",
];

/** Whether a role has a permission. */
export const allows = (role: RoleBody, permission: Permission) => isAtLeast(role, permissions[permission]);

/** The roles that somebody with `own` may give and take. Only owners make and unmake owners. */
export function assignable(own: RoleBody): readonly RoleBody[] {
  if (!isAtLeast(own, permissions["team:write"])) return [];
  return own === "owner" ? roles : roles.filter((role) => role !== "owner");
}

/** What somebody with `own` may give a key. */
export function scopesFor(own: RoleBody): Permission[] {
  return words.filter((word) => !forPeople.includes(word) && allows(own, word));
}

/** Scopes of keys, sorted by what a person is about to build. */
export const scopeGroups = {
  show: ["sources", "streams", "playback"],
  chat: ["chat", "moderation"],
  plugins: ["plugins", "payments", "publishing"],
  organisation: ["apps", "team", "keys", "billing", "audit", "organisation"],
} as const;

export const areaOf = (permission: Permission) => permission.slice(0, permission.indexOf(":"));

/** What a role may do in an area. */
export type Power = "none" | "see" | "change" | "act" | "not";

interface Area {
  name: string;
  power: Record<RoleBody, Power>;
}

/** The table as people read it: an area a row, and what stands alone in rows of its own. */
export function areas(): Area[] {
  const alone: Permission[] = ["data:export", "organisation:delete"];
  const together = words.filter((word) => !alone.includes(word));
  const names = [...new Set(words.map(areaOf))];
  const rows = names.flatMap((name): Area[] => {
    const own = together.filter((word) => areaOf(word) === name);
    return own.length === 0 ? [] : [{ name, power: byRole((role) => powerOf(role, own)) }];
  });
  const rest = alone.map((word) => ({
    name: word === "data:export" ? "data" : word,
    power: byRole((role): Power => (allows(role, word) ? "act" : "not")),
  }));
  return [...rows, ...rest];
}

function powerOf(role: RoleBody, own: readonly Permission[]): Power {
  const has = own.filter((word) => allows(role, word));
  if (has.length === 0) return "none";
  return has.some((word) => !word.endsWith(":read")) ? "change" : "see";
}

const byRole = <T>(of: (role: RoleBody) => T) =>
  Object.fromEntries(roles.map((role) => [role, of(role)])) as Record<RoleBody, T>;
