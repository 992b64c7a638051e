import { useQuery } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { streamsQuery, useCreateSource } from "../live/streams";
import type { Stream } from "../api/types";
import { plural } from "../text/plural";
import { text as common } from "../ui/text";
import { text } from "./text";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { Dialog } from "../ui/dialog";
import { ErrorNote } from "../ui/error-note";
import { Field } from "../ui/field";
import { Tally } from "../ui/tally";
import { keepNewSource } from "./stream-key";

export function SourcesPage() {
  const [isAdding, setIsAdding] = useState(false);
  const streams = useQuery(streamsQuery);

  const add = (
    <Button look="primary" onClick={() => setIsAdding(true)}>
      {text.sources.add}
    </Button>
  );
  return (
    <>
      <div className="flex items-center justify-between gap-4">
        <h1 className="text-2xl font-semibold tracking-tight">{text.sources.title}</h1>
        {streams.data !== undefined && streams.data.length > 0 && add}
      </div>
      <ErrorNote error={streams.error} />
      {streams.data?.length === 0 && (
        
          <Empty title={text.sources.empty} hint={text.sources.emptyHint}>
            {add}
          </Empty>
        
      )}
      <ul className="grid gap-3 sm:grid-cols-2">
        {streams.data?.map((stream) => (
          <li key={stream.id}>
            <SourceLink stream={stream} />
          </li>
        ))}
      </ul>
      {isAdding && <AddSource onClose={() => setIsAdding(false)} />}
    </>
  );
}

function SourceLink({ stream }: { stream: Stream }) {
  return (
    <Link
      to="/sources/$sourceId"
      params={{ sourceId: stream.id }}
      className="grid h-full gap-3 rounded-lg border border-line bg-surface p-5 transition-colors
        hover:border-accent"
    >
      <span className="flex items-start justify-between gap-3">
        <span className="font-semibold break-words">{stream.name}</span>
        <Tally state={stream.state} />
      </span>
      {stream.description !== "" && <span className="text-sm text-muted">{stream.description}</span>}
      <span className="mt-auto text-sm text-muted">
        {plural(text.sources.destinations, stream.destinations.length)}
      </span>
    </Link>
  );
}

function AddSource({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const create = useCreateSource();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const description = String(fields.get("description")).trim();
    const source = await create.mutateAsync({
      name: String(fields.get("name")).trim(),
      ...(description !== "" && { description }),
    });
    keepNewSource(source);
    await router.navigate({ to: "/sources/$sourceId", params: { sourceId: source.id } });
  };
  return (
    <Dialog title={text.sources.addTitle} onClose={onClose}>
      <form onSubmit={(event) => void submit(event).catch(() => undefined)} className="grid gap-5">
        <Field
          label={text.sources.name}
          name="name"
          placeholder={text.sources.nameExample}
          maxLength={100}
          required
          autoFocus
        />
        <Field
          label={text.sources.description}
          hint={text.sources.descriptionHint}
          name="description"
          maxLength={2000}
        />
        <ErrorNote error={create.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="primary" type="submit" disabled={create.isPending}>
            {text.sources.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
