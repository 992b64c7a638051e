import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { actFor, useScope, type Scope } from "../api/scope";
import { appsQuery, organisationsQuery, useOrganisation } from "../api/standing";
import { Icon } from "../ui/icon";
import { Menu, MenuChoice, MenuLine } from "../ui/menu";
import { rememberScopes, ScopePlace } from "./scope-place";
import { text } from "./text";

/** For whom this tab acts. Whoever has one organisation with one app never sees it. */
export function ScopeMenu() {
  const scope = useScope();
  const client = useQueryClient();
  const router = useRouter();
  const organisation = useOrganisation();
  const organisations = useQuery(organisationsQuery).data;
  const apps = useQuery(appsQuery(scope.organisation)).data?.filter(({ archived_at }) => archived_at == null);
  const app = apps?.find(({ id, is_default }) => (scope.app === undefined ? is_default : id === scope.app));
  const isKnown = organisations !== undefined && apps !== undefined;
  const hasChoice = isKnown && (organisations.length > 1 || apps.length > 1);
  useEffect(() => {
    if (isKnown) rememberScopes(hasChoice);
  }, [isKnown, hasChoice]);

  const change = async (next: Scope) => {
    actFor(next);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "organisations" });
    await router.navigate({ to: "/" });
  };
  if (!isKnown) return <ScopePlace />;
  if (!hasChoice) return null;
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="flex min-h-11 w-full min-w-0 items-center justify-between gap-2 rounded-md border border-edge bg-surface px-3
            text-start text-sm"
        >
          <span className="grid min-w-0">
            <span className="text-xs text-muted">{text.actingFor}</span>
            <span className="truncate font-semibold">
              {organisation?.name}
              {apps.length > 1 && app !== undefined && ` · ${app.name}`}
            </span>
          </span>
          <Icon name="down" className="size-4" />
        </button>
      }
    >
      <MenuChoice
        label={text.allOrganisations}
        value={organisation?.id ?? ""}
        options={organisations.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(id) => {
          const isHome = organisations.find((one) => one.id === id)?.is_home === true;
          void change(isHome ? {} : { organisation: id });
        }}
      />
      {apps.length > 1 && (
        <>
          <MenuLine />
          <MenuChoice
            label={text.app}
            value={app?.id ?? ""}
            options={apps.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(id) => {
              const isDefault = apps.find((one) => one.id === id)?.is_default === true;
              const { app: _, ...rest } = scope;
              void change(isDefault ? rest : { ...rest, app: id });
            }}
          />
        </>
      )}
    </Menu>
  );
}
