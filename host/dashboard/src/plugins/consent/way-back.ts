/**
 * The way back from a platform's consent: what was being done when one left, and how it went.
 *
 * Before one leaves, the page says in its address what its form is about (`add`, a plugin, or `edit`, a destination);
 * the server appends `oauth`, `code` and `installation` on the way back.
 */

import { useRouter, useRouterState } from "@tanstack/react-router";

export interface WayBack {
  /** The plugin of a destination that is being added. */
  add?: string;
  /** The destination that is being edited. */
  edit?: string;
  oauth?: "connected" | "failed";
  /** Why it failed. */
  code?: string;
  installation?: string;
}

/** Reads it from the query of an address; routes take it as their search. */
export function wayBackOf(search: Record<string, unknown>): WayBack {
  const word = (name: string) => (typeof search[name] === "string" ? { [name]: search[name] } : {});
  const { oauth } = search;
  return {
    ...word("add"),
    ...word("edit"),
    ...word("code"),
    ...word("installation"),
    ...((oauth === "connected" || oauth === "failed") && { oauth }),
  };
}

export function useWayBack(): WayBack {
  return wayBackOf(useRouterState({ select: ({ location }) => location.search as Record<string, unknown> }));
}

/** Takes what came back out of the address, and what was kept for it. */
export function useForgetWayBack(): () => void {
  const router = useRouter();
  return () => {
    globalThis.sessionStorage?.removeItem(DRAFT);
    void router.navigate({ to: ".", search: {}, replace: true });
  };
}

const DRAFT = "neustream.form-left";

/** What stood in the form that one left. Keys that were typed are not kept: no storage of a browser is a place for them. */
export interface Draft {
  name: string;
  /** What was chosen among the accounts. */
  account: string;
  config: Record<string, unknown>;
}

/** Keeps what stands in the form that comes back to `returnTo`; this tab alone has it. */
export function keepDraft(returnTo: string, draft: Draft) {
  globalThis.sessionStorage?.setItem(DRAFT, JSON.stringify({ returnTo, draft }));
}

/** What stood in the form that came back to `returnTo`. */
export function keptDraft(returnTo: string): Draft | undefined {
  try {
    const kept = JSON.parse(globalThis.sessionStorage?.getItem(DRAFT) ?? "{}") as { returnTo?: string; draft?: Draft };
    return kept.returnTo === returnTo ? kept.draft : undefined;
  } catch {
    return undefined;
  }
}

/** Where to come back to, from this page. */
export const wayBackTo = (pathname: string, doing: Pick<WayBack, "add" | "edit">) =>
  `${pathname}?${new URLSearchParams(Object.entries(doing)).toString()}`;
