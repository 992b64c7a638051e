import { useState } from "react";
import type { Stream } from "../api/types";
import { useRotateKey } from "../live/streams";
import { keepNewKey, useNewKey } from "../sources/stream-key";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { ErrorNote } from "../ui/error-note";
import { Icon } from "../ui/icon";
import { notify } from "../ui/toast";
import { downloadObsProfile } from "./obs-profile";
import { text } from "./text";

interface Props {
  stream: Stream;
  onDone: () => void;
}

/** Server and key, as a profile for OBS or to be copied. */
export function EncoderStep({ stream, onDone }: Props) {
  const key = useNewKey(stream.id);
  return (
    <div className="grid max-w-2xl gap-6">
      {key === undefined ? (
        <LostKey stream={stream} onDone={onDone} />
      ) : (
        <>
          <Profile stream={stream} streamKey={key} onDone={onDone} />
          <section className="grid gap-4 border-t border-line pt-5">
            <h3 className="font-semibold">{text.byHand}</h3>
            <CopyField label={text.server} value={stream.rtmp_url} />
            <CopyField label={text.streamKey} value={key} isSecret />
            <p className="max-w-[60ch] text-sm text-muted">{text.keyframes}</p>
            <Button look="quiet" className="justify-self-start" onClick={onDone}>
              {text.proceed}
            </Button>
          </section>
        </>
      )}
    </div>
  );
}

interface ProfileProps extends Props {
  streamKey: string;
}

function Profile({ stream, streamKey, onDone }: ProfileProps) {
  const [error, setError] = useState<unknown>();
  const download = async () => {
    try {
      await downloadObsProfile({ name: stream.name, server: stream.rtmp_url, key: streamKey });
      notify(text.profileSaved);
      onDone();
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <section className="grid gap-3">
      <h3 className="font-semibold">{text.withObs}</h3>
      <p className="max-w-[60ch] text-muted">{text.profileIntro}</p>
      <Button look="primary" className="justify-self-start" onClick={() => void download()}>
        <Icon name="download" />
        {text.downloadProfile}
      </Button>
      <ErrorNote error={error} />
      <ImportSteps />
    </section>
  );
}

/** How OBS takes the profile. */
export function ImportSteps() {
  return (
    <ol className="grid max-w-[60ch] list-decimal gap-1.5 ps-5 text-sm marker:font-semibold">
      {text.importSteps.map((step) => (
        <li key={step} className="ps-1">
          {step}
        </li>
      ))}
    </ol>
  );
}

/** The key was shown once and is gone; nothing publishes with it yet, so another one hurts nobody. */
function LostKey({ stream, onDone }: Props) {
  const rotate = useRotateKey(stream.id);
  return (
    <div className="grid gap-4">
      <CopyField label={text.server} value={stream.rtmp_url} />
      <p className="max-w-[60ch]">{text.keyLost}</p>
      <ErrorNote error={rotate.error} />
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          isBusy={rotate.isPending}
          onClick={() => rotate.mutate(undefined, { onSuccess: keepNewKey })}
        >
          {text.newKey}
        </Button>
        <Button onClick={onDone}>{text.hasKey}</Button>
      </div>
    </div>
  );
}
