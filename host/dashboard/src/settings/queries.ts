/** What the settings read. */

import { queryOptions } from "@tanstack/react-query";
import { ApiError, call } from "../api/client";

/** As long as a copy is being made it is looked after this often. */
const WAITING_MS = 3000;

export const profileQuery = queryOptions({
  queryKey: ["profile"],
  queryFn: () => call("get", "/api/auth/profile"),
  staleTime: 60_000,
});

export const secondFactorQuery = queryOptions({
  queryKey: ["second-factor"],
  queryFn: ({ signal }) => call("get", "/api/auth/totp", { signal }),
});

export const identitiesQuery = queryOptions({
  queryKey: ["identities"],
  queryFn: async ({ signal }) => (await call("get", "/api/auth/identities", { signal })).identities,
});

export const providersQuery = queryOptions({
  queryKey: ["sign-in-providers"],
  queryFn: () => call("get", "/api/auth/providers"),
});

export const signInsQuery = queryOptions({
  queryKey: ["sign-ins"],
  queryFn: async ({ signal }) => (await call("get", "/api/auth/sign-ins", { signal })).sign_ins,
});

/** Whose data: an organisation's by its id, or one's own. */
export type Subject = { organisation: string } | "own";

const keyOf = (subject: Subject) => (subject === "own" ? subject : subject.organisation);

export const exportsQuery = (subject: Subject) =>
  queryOptions({
    queryKey: ["exports", keyOf(subject)],
    queryFn: async ({ signal }) => {
      const answer =
        subject === "own"
          ? await call("get", "/api/auth/exports", { signal })
          : await call("get", "/api/organisations/{id}/exports", { parameters: { id: subject.organisation }, signal });
      return answer.exports;
    },
    refetchInterval: ({ state }) => (state.data?.some((copy) => copy.state === "waiting") ? WAITING_MS : false),
  });

export async function askForExport(subject: Subject) {
  if (subject === "own") await call("post", "/api/auth/exports");
  else await call("post", "/api/organisations/{id}/exports", { parameters: { id: subject.organisation } });
}

/** The deletion that waits for its day; null where there is none. */
export const deletionQuery = (subject: Subject) =>
  queryOptions({
    queryKey: ["deletion", keyOf(subject)],
    queryFn: async ({ signal }) => {
      try {
        return subject === "own"
          ? await call("get", "/api/auth/deletion", { signal })
          : await call("get", "/api/organisations/{id}/deletion", { parameters: { id: subject.organisation }, signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    retry: false,
  });

export async function keep(subject: Subject) {
  if (subject === "own") await call("delete", "/api/auth/deletion");
  else await call("delete", "/api/organisations/{id}/deletion", { parameters: { id: subject.organisation } });
}

export const retentionQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["retention", organisation],
    queryFn: ({ signal }) => call("get", "/api/organisations/{id}/retention", { parameters: { id: organisation }, signal }),
  });
