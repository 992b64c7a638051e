/** Where one can go from everywhere, in one place. */

import type { text } from "./text";

interface Entry {
  to: string;
  name: keyof typeof text.pages;
  /** Whether addresses below belong to it. */
  hasParts?: boolean;
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
];
