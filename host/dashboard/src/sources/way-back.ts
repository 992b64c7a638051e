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

/** Takes what came back out of the address. */
export function useForgetWayBack(): () => void {
  const router = useRouter();
  return () => void router.navigate({ to: ".", search: {}, replace: true });
}

/** Where to come back to, from this page. */
export const wayBackTo = (pathname: string, doing: Pick<WayBack, "add" | "edit">) =>
  `${pathname}?${new URLSearchParams(Object.entries(doing)).toString()}`;
