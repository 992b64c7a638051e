import { useState } from "react";
import { useIsAtLeast } from "../api/standing";
import { bitrate } from "../format/format";
import { Button } from "../ui/button";
import { Code, CopyField } from "../ui/copy-field";
import { ErrorNote } from "../ui/error-note";
import { Icon } from "../ui/icon";
import { Section } from "../ui/page";
import { Tally } from "../ui/tally";
import { useCurrentSource } from "./current";
import { RotateKey } from "./rotate-key";
import { useNewKey } from "./stream-key";
import { text } from "./encoder/text";

/** What OBS or another encoder needs: server, key, and how to enter them. */
export function EncoderPage() {
  const source = useCurrentSource();
  const command =
    `ffmpeg -re -i video.mp4 -c:v libx264 -preset veryfast -b:v 4500k -maxrate 4500k -bufsize 9000k \\\n` +
    `  -g 60 -keyint_min 60 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 160k -ar 48000 \\\n` +
    `  -f flv ${source.rtmp_url}/${text.encoder.keyPlaceholder}`;
  return (
    <>
      <Arriving />
      <Section title={text.encoder.enter} intro={text.encoder.enterIntro}>
        <div className="grid gap-5">
          <CopyField label={text.encoder.server} value={source.rtmp_url} />
          <StreamKey />
        </div>
      </Section>
      <Section title={text.encoder.withObs}>
        <ol className="grid list-decimal gap-2 ps-5 marker:font-semibold marker:text-accent">
          {text.encoder.obsSteps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </Section>
      <Section title={text.encoder.withFfmpeg} intro={text.encoder.ffmpegIntro} isBare>
        <Code label={text.encoder.ffmpegCommand}>{command}</Code>
      </Section>
    </>
  );
}

function Arriving() {
  const { state, bitrate_in_bps } = useCurrentSource();
  const isHere = state === "live" || state === "starting";
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
      <span className="font-semibold">{text.encoder.state}</span>
      <Tally state={state} />
      <span className="text-sm text-muted">
        {isHere ? text.encoder.arrives(bitrate(bitrate_in_bps)) : text.encoder.nothing}
      </span>
    </div>
  );
}

/** The key while it can be seen, with a profile for OBS that holds it; else how to get another. */
function StreamKey() {
  const source = useCurrentSource();
  const key = useNewKey(source.id);
  const mayRotate = useIsAtLeast("editor");
  if (key === undefined) {
    return (
      <div className="grid justify-items-start gap-2">
        <h3 className="text-sm font-semibold">{text.encoder.streamKey}</h3>
        <p className="max-w-[65ch] text-muted">{text.encoder.keyHidden}</p>
        {mayRotate && (
          <>
            <p className="text-muted">
              {text.encoder.keyLost} {text.encoder.profileNeedsKey}
            </p>
            <RotateKey />
          </>
        )}
      </div>
    );
  }
  return (
    <div className="grid gap-4 rounded-md border border-accent/50 bg-accent/6 p-4">
      <CopyField label={text.encoder.streamKey} value={key} isSecret />
      <p role="status">{text.encoder.keyOnce}</p>
      <ObsProfile streamKey={key} />
    </div>
  );
}

function ObsProfile({ streamKey }: { streamKey: string }) {
  const source = useCurrentSource();
  const [error, setError] = useState<unknown>();
  const download = async () => {
    setError(undefined);
    try {
      // Made of a zip, which most never need.
      const { downloadObsProfile } = await import("../start/obs-profile");
      await downloadObsProfile({ name: source.name, server: source.rtmp_url, key: streamKey });
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <div className="grid justify-items-start gap-2">
      <Button onClick={() => void download()}>
        <Icon name="download" />
        {text.encoder.profile}
      </Button>
      <p className="text-sm text-muted">{text.encoder.profileHint}</p>
      <ErrorNote error={error} />
    </div>
  );
}
