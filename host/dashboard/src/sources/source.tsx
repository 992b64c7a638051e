import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { streamsQuery, useDeleteSource, useEndStream } from "../live/streams";
import type { Source, Stream } from "../api/types";
import { bitrate, clock, track } from "../format/format";
import { text } from "./text";
import { buttonLook } from "../ui/button";
import { Section } from "../ui/page";
import { ConfirmButton } from "../ui/confirm";
import { CopyField } from "../ui/copy-field";
import { ErrorNote } from "../ui/error-note";
import { Figure } from "../ui/figure";
import { Tally } from "../ui/tally";
import { Destinations } from "./destinations";
import { EncoderCard } from "./encoder";
import { useIsCreatedHere } from "./stream-key";

const route = getRouteApi("/_app/sources/$sourceId");

export function SourcePage() {
  const { sourceId } = route.useParams();
  const streams = useQuery(streamsQuery);
  const isNew = useIsCreatedHere(sourceId);
  const stream = streams.data?.find(({ id }) => id === sourceId);

  if (stream === undefined) {
    return (
      <>
        <BackLink />
        {streams.data !== undefined && <p>{text.source.notFound}</p>}
        <ErrorNote error={streams.error} />
      </>
    );
  }
  return (
    <>
      <BackLink />
      <Heading stream={stream} />
      {stream.warnings.map((warning) => (
        <p key={warning} role="status" className="rounded-lg border border-warn/40 bg-warn/8 px-4 py-3 text-sm">
          {warning}
        </p>
      ))}
      {stream.state !== "offline" && <SessionFigures stream={stream} />}
      {/* Right after its creation a source needs an encoder first. */}
      {isNew && <EncoderCard source={stream} />}
      <Destinations sourceId={sourceId} destinations={stream.destinations} />
      {!isNew && <EncoderCard source={stream} />}
      <Section title={text.source.players}>
        <div className="grid gap-4">
          <CopyField label={text.source.playerUrl} value={stream.watch_url} />
          <CopyField label={text.source.hlsUrl} value={stream.playback_url} />
        </div>
      </Section>
      <DeleteSource source={stream} />
    </>
  );
}

function BackLink() {
  return (
    <Link to="/" className="w-fit rounded-md text-sm text-muted underline-offset-4 hover:underline">
      ← {text.source.back}
    </Link>
  );
}

function Heading({ stream }: { stream: Stream }) {
  const end = useEndStream(stream.id);
  return (
    <div className="flex flex-wrap items-center justify-between gap-4">
      <div className="flex min-w-0 flex-wrap items-center gap-3">
        <h1 className="text-2xl font-semibold tracking-tight break-words">{stream.name}</h1>
        <Tally state={stream.state} />
        {stream.started_at && (
          <span className="text-sm text-muted">{text.source.liveSince(clock(stream.started_at))}</span>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <a href={`/watch/${stream.playback_id}`} target="_blank" rel="noopener" className={buttonLook("primary")}>
          {text.source.watch}
        </a>
        {stream.state !== "offline" && (
          <ConfirmButton
            label={text.source.endStream}
            consequence={text.source.endConfirm}
            action={() => end.mutateAsync(undefined)}
          />
        )}
      </div>
    </div>
  );
}

function SessionFigures({ stream }: { stream: Stream }) {
  const interval = stream.keyframe_interval_ms;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 rounded-lg border border-line bg-surface p-5 sm:grid-cols-4">
      <Figure label={text.source.bitrateIn} value={bitrate(stream.bitrate_in_bps)} />
      <Figure
        label={text.source.keyframes}
        value={interval == null ? "–" : text.source.keyframesEvery((interval / 1000).toFixed(1))}
      />
      <Figure
        label={text.source.tracks}
        value={stream.tracks.map(track).join(", ") || "–"}
      />
    </dl>
  );
}

function DeleteSource({ source }: { source: Source }) {
  const router = useRouter();
  const remove = useDeleteSource(source.id);
  return (
    <div className="flex justify-end">
      <ConfirmButton
        label={text.source.delete}
        consequence={text.source.deleteConfirm(source.name)}
        action={async () => {
          await remove.mutateAsync({});
          await router.navigate({ to: "/" });
        }}
      />
    </div>
  );
}
