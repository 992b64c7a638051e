/** What those who run the platform read, by resource. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";

/** Figures of the server are measured this often. */
const LOOK_INTERVAL_MS = 5000;

export const systemQuery = queryOptions({
  queryKey: ["admin", "system"],
  queryFn: ({ signal }) => call("get", "/api/admin/system", { signal }),
  refetchInterval: LOOK_INTERVAL_MS,
});

export const statsQuery = queryOptions({
  queryKey: ["admin", "stats"],
  queryFn: async ({ signal }) => (await call("get", "/api/admin/stats", { signal })).stats,
  refetchInterval: 60_000,
});

/** A page of everybody's sources; of those that run only while they do, again and again. */
export const sourcesQuery = ({ page, running }: { page: number; running: boolean }) =>
  queryOptions({
    queryKey: ["admin", "sources", running, page],
    queryFn: ({ signal }) => call("get", "/api/admin/sources", { query: { page, running }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: running ? LOOK_INTERVAL_MS : false,
  });

export const accountsQuery = ({ page, search }: { page: number; search: string }) =>
  queryOptions({
    queryKey: ["admin", "users", search, page],
    queryFn: ({ signal }) =>
      call("get", "/api/admin/users", { query: { page, ...(search !== "" && { search }) }, signal }),
    placeholderData: keepPreviousData,
  });

export const subscriptionsQuery = (page: number) =>
  queryOptions({
    queryKey: ["admin", "subscriptions", page],
    queryFn: ({ signal }) => call("get", "/api/admin/subscriptions", { query: { page }, signal }),
    placeholderData: keepPreviousData,
  });

export const plansQuery = queryOptions({
  queryKey: ["admin", "plans"],
  queryFn: async () => (await call("get", "/api/admin/plans")).plans,
});

export const ceilingsQuery = (plan: string) =>
  queryOptions({
    queryKey: ["admin", "plans", plan, "ceilings"],
    queryFn: async () =>
      (await call("get", "/api/admin/plans/{plan}/ceilings", { parameters: { plan } })).ceilings,
  });

export const versionsQuery = (state: string) =>
  infiniteQueryOptions({
    queryKey: ["admin", "versions", state],
    queryFn: ({ pageParam, signal }) =>
      call("get", "/api/admin/plugins", { query: { state, ...(pageParam !== "" && { cursor: pageParam }) }, signal }),
    initialPageParam: "",
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

export const versionQuery = (digest: string) =>
  queryOptions({
    queryKey: ["admin", "version", digest],
    queryFn: () => call("get", "/api/admin/plugins/{digest}", { parameters: { digest } }),
  });

export const platformSettingsQuery = queryOptions({
  queryKey: ["admin", "settings"],
  queryFn: async () => (await call("get", "/api/admin/settings")).settings,
});

export const clientsQuery = queryOptions({
  queryKey: ["admin", "oauth-clients"],
  queryFn: () => call("get", "/api/admin/oauth-clients"),
});
