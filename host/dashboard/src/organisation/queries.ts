/** What the pages about an organisation read. */

import { infiniteQueryOptions, queryOptions, type InfiniteData } from "@tanstack/react-query";
import { call } from "../api/client";

const paged = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next_cursor }: { next_cursor?: string | null }) => next_cursor ?? undefined,
};

/** The place in a list to go on from. */
const at = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

/** The rows of all pages that were read. */
export function rowsOf<Page, Row>(data: InfiniteData<Page>, rows: (page: Page) => readonly Row[]): Row[] {
  return data.pages.flatMap((page) => rows(page));
}

export const membersQuery = infiniteQueryOptions({
  queryKey: ["members"],
  queryFn: ({ pageParam, signal }) => call("get", "/api/team", { query: at(pageParam), signal }),
  ...paged,
});

export const invitationsQuery = infiniteQueryOptions({
  queryKey: ["invitations"],
  queryFn: ({ pageParam, signal }) => call("get", "/api/team/invitations", { query: at(pageParam), signal }),
  ...paged,
});

export const apiKeysQuery = infiniteQueryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ pageParam, signal }) => call("get", "/api/api-keys", { query: at(pageParam), signal }),
  ...paged,
});

/** Which entries of the audit log; what is left out restricts nothing. */
export interface AuditFilter {
  actor?: string;
  action?: string;
  target?: string;
  /** Days, such as `2026-11-20`, in the reader's own zone; both belong to it. */
  from?: string;
  until?: string;
}

/** The filter as the API takes it. */
export function auditParameters({ actor, action, target, from, until }: AuditFilter) {
  return {
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(target !== undefined && { target }),
    ...(from !== undefined && { from: dayBegins(from, 0) }),
    ...(until !== undefined && { until: dayBegins(until, 1) }),
  };
}

/** When a day begins, some days later, as a moment. */
function dayBegins(day: string, later: number): string {
  const begin = new Date(`${day}T00:00:00`);
  begin.setDate(begin.getDate() + later);
  return begin.toISOString();
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit-log", filter],
    queryFn: ({ pageParam, signal }) =>
      call("get", "/api/audit-log", { query: { ...auditParameters(filter), ...at(pageParam) }, signal }),
    ...paged,
  });

export const subscriptionQuery = queryOptions({
  queryKey: ["subscription"],
  queryFn: ({ signal }) => call("get", "/api/subscriptions/my-subscription", { signal }),
});

export const plansQuery = queryOptions({
  queryKey: ["plans"],
  queryFn: async ({ signal }) => (await call("get", "/api/subscriptions/plans", { signal })).plans,
  staleTime: 5 * 60_000,
});
