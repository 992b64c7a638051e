import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { streamsQuery } from "../live/streams";
import { Loaded } from "../ui/loading";
import { Page, Tab, Tabs, UpLink } from "../ui/page";
import { Tally } from "../ui/tally";
import { Current, useCurrentSource } from "./current";
import { text } from "./text";

const SourceActions = lazy(() => import("./source-actions").then(({ SourceActions }) => ({ default: SourceActions })));

const route = getRouteApi("/_app/sources/$sourceId");

/** The parts of a source by the last word of their address. */
const parts = [
  ["", text.source.part.overview],
  ["destinations", text.source.part.destinations],
  ["encoder", text.source.part.encoder],
  ["viewers", text.source.part.viewers],
  ["pre-flight", text.source.part.preFlight],
  ["settings", text.source.part.settings],
] as const;

/** The frame of all pages about one source. */
export function SourcePage() {
  const { sourceId } = route.useParams();
  const streams = useQuery(streamsQuery);
  return (
    <Loaded query={streams}>
      {(all) => {
        const source = all.find(({ id }) => id === sourceId);
        return source === undefined ? (
          <NotFound />
        ) : (
          <Current value={source}>
            <Frame />
          </Current>
        );
      }}
    </Loaded>
  );
}

function Frame() {
  const source = useCurrentSource();
  const base = `/sources/${source.id}`;
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const part = parts.find(([word]) => word !== "" && path.endsWith(`/${word}`))?.[1];
  return (
    <Page
      title={source.name}
      up={<UpLink to="/sources">{text.source.back}</UpLink>}
      name={part === undefined ? source.name : `${part} · ${source.name}`}
      intro={source.description === "" ? undefined : source.description}
      aside={<Tally state={source.state} />}
      actions={
        <Suspense>
          <SourceActions />
        </Suspense>
      }
      tabs={
        <Tabs label={text.source.parts}>
          {parts.map(([word, name]) => (
            <Tab key={word} to={word === "" ? base : `${base}/${word}`}>
              {name}
            </Tab>
          ))}
        </Tabs>
      }
    >
      <Outlet />
    </Page>
  );
}

function NotFound() {
  return (
    <Page title={text.source.notFound} up={<UpLink to="/sources">{text.source.back}</UpLink>}>
      <p className="text-muted">{text.source.notFoundHint}</p>
    </Page>
  );
}
