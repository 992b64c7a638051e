/** Where one can go from everywhere, in one place. */

import type { RoleBody } from "../../generated/schema";
import type { text } from "./text";

export interface Entry {
  to: string;
  name: keyof typeof text.pages;
  /** Whether addresses below belong to it. */
  hasParts?: boolean;
  /** The least role in the organisation that sees it. */
  leastRole?: RoleBody;
}

interface Group {
  name: keyof typeof text.groups;
  entries: readonly Entry[];
  /** Only for those who run the platform. */
  isForPlatform?: boolean;
}

// Chat, billing, webhooks, analytics and branding find their place here when they come: the first and the last three
// under `show` and `organisation`.
export const navigation: readonly Group[] = [
  {
    name: "show",
    entries: [
      { to: "/", name: "overview" },
      { to: "/sources", name: "sources", hasParts: true },
      { to: "/plugins", name: "plugins", hasParts: true },
    ],
  },
  {
    name: "organisation",
    entries: [
      { to: "/team", name: "team" },
      { to: "/keys", name: "keys", leastRole: "admin" },
      { to: "/audit", name: "audit", leastRole: "admin" },
      { to: "/usage", name: "usage" },
      { to: "/settings", name: "settings", hasParts: true },
    ],
  },
  {
    name: "platform",
    isForPlatform: true,
    entries: [{ to: "/admin", name: "administration", hasParts: true }],
  },
];
