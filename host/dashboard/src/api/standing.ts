/** What the person of this tab may do: organisations, roles, and whether they run the platform. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "./client";
import { useScope } from "./scope";
import { useUser } from "./session";
import type { OwnOrganisationBody, RoleBody } from "../../generated/schema";

export const organisationsQuery = queryOptions({
  queryKey: ["organisations"],
  queryFn: async () => (await call("get", "/api/organisations")).organisations,
  staleTime: 60_000,
});

/** The apps of the organisation that this tab acts for. */
export const appsQuery = (organisation: string | undefined) =>
  queryOptions({
    queryKey: ["apps", organisation ?? "home"],
    queryFn: async () => (await call("get", "/api/apps")).apps,
    staleTime: 60_000,
  });

/** The organisation that this tab acts for, once it is known. */
export function useOrganisation(): OwnOrganisationBody | undefined {
  const { organisation } = useScope();
  const { data } = useQuery(organisationsQuery);
  return data?.find((one) => (organisation === undefined ? one.is_home : one.id === organisation));
}

/** The roles, from the least to the most; each may do all that the one before it may. */
export const roles: readonly RoleBody[] = ["viewer", "editor", "admin", "owner"];

export const isAtLeast = (held: RoleBody, least: RoleBody) => roles.indexOf(held) >= roles.indexOf(least);

/**
 * Whether the person has at least this role in the organisation; no while it is not known.
 *
 * Pages use it to leave out what would be refused. The server decides.
 */
export function useIsAtLeast(role: RoleBody): boolean {
  const held = useOrganisation()?.role;
  return held != null && isAtLeast(held, role);
}

/** Whether the person runs the platform. */
export function useRunsPlatform(): boolean {
  return useUser()?.role === "admin";
}
