import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { ListedPluginBody } from "../../../generated/schema";
import { isolated } from "../../text/isolate";
import { plural } from "../../text/plural";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { Loaded } from "../../ui/loading";
import { MoreButton } from "../../ui/more";
import { catalogueQuery } from "../queries";
import { Room } from "../room";
import { kindName, Trust } from "../states";
import { text } from "../text";
import { kinds } from "./search";

/** Typing is followed by a search this much later. */
const PAUSE_MS = 250;

/** Everything that can be installed. */
export function CataloguePage() {
  const { q = "", kind } = useSearch({ from: "/_app/plugins" });
  const navigate = useNavigate({ from: "/plugins" });
  const query = useInfiniteQuery(catalogueQuery(q, kind));
  const search = (next: { q?: string; kind?: string | undefined }) =>
    void navigate({
      search: (before) => {
        const { q, kind } = { ...before, ...next };
        return { ...(q && { q }), ...(kind && { kind }) };
      },
      replace: true,
    });
  return (
    <Room title={text.catalogue.title} intro={text.catalogue.intro}>
      <search className="grid gap-4">
        <SearchField value={q} onSearch={(q) => search({ q })} />
        <KindFilter value={kind} onChange={(kind) => search({ kind })} />
      </search>
      <Loaded query={query} lines={6}>
        {({ pages }) => {
          const found = pages.flatMap(({ plugins }) => plugins);
          return (
            <div className="grid gap-4" aria-busy={query.isPlaceholderData}>
              <p role="status" className="sr-only">
                {plural(text.catalogue.found, found.length)}
              </p>
              {found.length === 0 ? (
                <Empty title={text.catalogue.empty} hint={text.catalogue.emptyHint}>
                  <Button onClick={() => search({ q: "", kind: undefined })}>{text.catalogue.showAll}</Button>
                </Empty>
              ) : (
                <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
                  {found.map((plugin) => (
                    <Card key={plugin.id} plugin={plugin} />
                  ))}
                </ul>
              )}
              <MoreButton query={query} />
            </div>
          );
        }}
      </Loaded>
    </Room>
  );
}

function SearchField({ value, onSearch }: { value: string; onSearch: (value: string) => void }) {
  const [written, setWritten] = useState(value);
  useEffect(() => {
    if (written.trim() === value) return;
    const timer = setTimeout(() => onSearch(written.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative max-w-xl">
      <Icon name="search" className="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-muted" />
      <input
        type="search"
        aria-label={text.catalogue.search}
        placeholder={text.catalogue.searchExample}
        value={written}
        onChange={(event) => setWritten(event.target.value)}
        className="min-h-11 w-full rounded-md border border-edge bg-surface ps-10 pe-3 text-base placeholder:text-muted"
      />
    </div>
  );
}

interface FilterProps {
  value: string | undefined;
  onChange: (kind: string | undefined) => void;
}

function KindFilter({ value, onChange }: FilterProps) {
  return (
    <div role="group" aria-label={text.catalogue.kind} className="flex flex-wrap gap-2">
      {[undefined, ...kinds].map((kind) => (
        <button
          key={kind ?? ""}
          type="button"
          aria-pressed={kind === value}
          onClick={() => onChange(kind)}
          className="min-h-11 rounded-full border border-edge bg-surface px-4 text-sm font-semibold sm:min-h-9
            aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
        >
          {kind === undefined ? text.catalogue.allKinds : kindName(kind)}
        </button>
      ))}
    </div>
  );
}

function Card({ plugin }: { plugin: ListedPluginBody }) {
  const [namespace = "", name = ""] = plugin.id.split("/");
  return (
    <li className="relative flex flex-col gap-2 rounded-lg border border-line bg-surface p-4 hover:border-edge sm:p-5">
      <p className="text-xs font-semibold text-muted">{kindName(plugin.kind)}</p>
      <h2 className="text-lg font-semibold">
        <Link
          to="/plugins/$namespace/$name"
          params={{ namespace, name }}
          // The whole card can be pressed.
          className="underline-offset-4 before:absolute before:inset-0 before:rounded-lg hover:underline"
        >
          {plugin.name}
        </Link>
      </h2>
      <p className="line-clamp-3 text-sm wrap-anywhere">{isolated(plugin.description)}</p>
      <div className="mt-auto flex flex-wrap items-center justify-between gap-x-4 gap-y-1 pt-2 text-sm text-muted">
        <span className="wrap-anywhere">{plugin.publisher === "" ? namespace : plugin.publisher}</span>
        <span>{plural(text.installs, plugin.installs)}</span>
      </div>
      <Trust state={plugin.state} />
    </li>
  );
}
