import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import type { Plugin } from "../api/types";
import { Empty } from "../ui/empty";
import { Field } from "../ui/field";
import { focusOn } from "../ui/focus";
import { Loaded } from "../ui/loading";
import { needsOf } from "./needs";
import { destinationPluginsQuery } from "./queries";
import { text } from "./form/text";

/** From so many on one searches rather than reads. */
const MANY = 8;

/** The platforms that this host reaches: what each is, who made its plugin and what it needs. */
export function PlatformChoice({ onChoose, takesFocus }: { onChoose: (plugin: Plugin) => void; takesFocus: boolean }) {
  const [search, setSearch] = useState("");
  const found = useQuery(destinationPluginsQuery(useDeferredValue(search.trim())));
  const isSearched = search !== "" || (found.data?.length ?? 0) >= MANY;
  return (
    <div className="grid gap-4">
      {isSearched && (
        <Field
          label={text.form.search}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          autoFocus
        />
      )}
      <Loaded query={found}>
        {(plugins) => {
          if (plugins.length > 0) return <Cards plugins={plugins} onChoose={onChoose} takesFocus={takesFocus && !isSearched} />;
          return search === "" ? (
            <Empty title={text.form.noPlugins} hint={text.form.noPluginsHint} />
          ) : (
            <p role="status" className="text-muted">
              {text.form.noneFound}
            </p>
          );
        }}
      </Loaded>
    </div>
  );
}

interface CardsProps {
  plugins: readonly Plugin[];
  onChoose: (plugin: Plugin) => void;
  takesFocus: boolean;
}

function Cards({ plugins, onChoose, takesFocus }: CardsProps) {
  return (
    <ul
      aria-label={text.form.platform}
      className="grid gap-2 sm:grid-cols-2"
      tabIndex={-1}
      ref={takesFocus ? focusOn : undefined}
    >
      {plugins.map((plugin) => (
        <li key={plugin.id} className="grid">
          <button
            type="button"
            onClick={() => onChoose(plugin)}
            className="grid content-start gap-1 rounded-md border border-edge bg-surface p-4 text-start transition-colors
              hover:border-accent hover:bg-accent/6"
          >
            <span className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="font-semibold wrap-anywhere">{plugin.name}</span>
              <span className="text-xs text-muted">{text.form.by(plugin.publisher)}</span>
            </span>
            <span className="text-sm text-muted">{plugin.description}</span>
            <span className="text-sm">{needsOf(plugin)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
