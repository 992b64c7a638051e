import { lazy, Suspense, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Source } from "../api/types";
import { count } from "../format/format";
import { useUpdateSource } from "../live/streams";
import { Code, CopyField } from "../ui/copy-field";
import { ErrorNote } from "../ui/error-note";
import { Choice } from "../ui/field";
import { Figure, Figures } from "../ui/figure";
import { Section } from "../ui/page";
import { Switch } from "../ui/switch";
import { useCurrentSource } from "./current";
import { embedCode } from "./embed";
import { text } from "./viewers/text";

const PlaybackTokens = lazy(() => import("./tokens").then(({ PlaybackTokens }) => ({ default: PlaybackTokens })));

type Visibility = Source["visibility"];

const VISIBILITIES: readonly Visibility[] = ["public", "unlisted", "token-only"];

/** Who may watch, where, and with which tokens. */
export function ViewersPage() {
  const source = useCurrentSource();
  const mayChange = useIsAtLeast("editor");
  return (
    <>
      {source.state !== "offline" && (
        <Figures>
          <Figure label={text.viewers.now} value={count(source.viewers)} isLarge />
        </Figures>
      )}
      <Section title={text.viewers.who}>
        <fieldset disabled={!mayChange} className="grid gap-6">
          <VisibilityChoice />
          <Encryption isFixed={!mayChange} />
        </fieldset>
      </Section>
      <Addresses />
      {mayChange && (
        <Suspense>
          <PlaybackTokens source={source} />
        </Suspense>
      )}
    </>
  );
}

function VisibilityChoice() {
  const source = useCurrentSource();
  const update = useUpdateSource(source.id);
  const [wanted, setWanted] = useState<Visibility>();
  const choose = (value: string) => {
    const visibility = VISIBILITIES.find((one) => one === value);
    if (visibility === undefined) return;
    setWanted(visibility);
    update.mutate({ visibility }, { onSettled: () => setWanted(undefined) });
  };
  return (
    <div className="grid gap-2">
      <Choice
        label={text.viewers.visibility}
        name="visibility"
        options={VISIBILITIES.map((value) => ({ value, ...text.viewers.options[value] }))}
        value={wanted ?? source.visibility}
        onChange={choose}
      />
      <ErrorNote error={update.error} />
    </div>
  );
}

function Encryption({ isFixed }: { isFixed: boolean }) {
  const source = useCurrentSource();
  const update = useUpdateSource(source.id);
  const isOn = update.isPending ? (update.variables.is_encrypted ?? source.is_encrypted) : source.is_encrypted;
  return (
    <div className="grid gap-2">
      <div className="flex items-start gap-4">
        <Switch
          label={text.viewers.encryption}
          isOn={isOn}
          disabled={isFixed}
          onChange={(isOn) => update.mutate({ is_encrypted: isOn })}
        />
        <div>
          <p className="font-medium">{text.viewers.encryption}</p>
          <p className="max-w-[60ch] text-sm text-muted">{text.viewers.encryptionHint}</p>
        </div>
      </div>
      <ErrorNote error={update.error} />
    </div>
  );
}

function Addresses() {
  const source = useCurrentSource();
  const isTokenOnly = source.visibility === "token-only";
  return (
    <Section title={text.viewers.where} {...(isTokenOnly && { intro: text.viewers.needsToken })}>
      <div className="grid gap-5">
        <CopyField label={text.viewers.watch} value={source.watch_url} />
        {!isTokenOnly && (
          <div className="grid gap-1.5">
            <h3 className="text-sm font-semibold">{text.viewers.embed}</h3>
            <p className="text-sm text-muted">{text.viewers.embedHint}</p>
            <Code label={text.viewers.embed}>{embedCode(source, text.viewers.embedTitle(source.name))}</Code>
          </div>
        )}
        <div className="grid gap-1.5">
          <CopyField label={text.viewers.hls} value={source.playback_url} />
          <p className="text-sm text-muted">{text.viewers.hlsHint}</p>
        </div>
      </div>
    </Section>
  );
}
