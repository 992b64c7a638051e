import { useRotateKey, useUpdateSource } from "../live/streams";
import type { Source } from "../api/types";
import { text } from "./text";
import { Section } from "../ui/page";
import { ConfirmButton } from "../ui/confirm";
import { CopyField } from "../ui/copy-field";
import { ErrorNote } from "../ui/error-note";
import { Select } from "../ui/field";
import { keepNewKey, useNewKey } from "./stream-key";

/** What OBS or another encoder needs: server, key, and how to enter them. */
export function EncoderCard({ source }: { source: Source }) {
  const newKey = useNewKey(source.id);
  const rotate = useRotateKey(source.id);
  const update = useUpdateSource(source.id);
  return (
    <Section
      title={text.source.connectEncoder}
      actions={
        <ConfirmButton
          label={text.source.newKey}
          consequence={text.source.newKeyConfirm}
          look="quiet"
          action={async () => keepNewKey(await rotate.mutateAsync(undefined))}
        />
      }
    >
      <div className="grid gap-6 md:grid-cols-2">
        <div className="grid content-start gap-4">
          <CopyField label={text.source.server} value={source.rtmp_url} />
          {newKey === undefined ? (
            <div className="grid gap-1.5">
              <span className="text-sm font-medium">{text.source.streamKey}</span>
              <p className="text-sm text-muted">{text.source.keyHidden}</p>
            </div>
          ) : (
            <div className="grid gap-2 rounded-lg border border-accent/50 bg-accent/6 p-4">
              <CopyField label={text.source.streamKey} value={newKey} />
              <p role="status" className="text-sm">
                {text.source.keyOnce}
              </p>
            </div>
          )}
          <Select
            label={text.source.secondPublisher}
            value={source.second_publisher}
            onChange={(event) =>
              update.mutate({ second_publisher: event.target.value === "replace" ? "replace" : "reject" })
            }
          >
            <option value="reject">{text.source.secondPublisherReject}</option>
            <option value="replace">{text.source.secondPublisherReplace}</option>
          </Select>
          <ErrorNote error={update.error} />
        </div>
        <div>
          <h3 className="text-sm font-medium">{text.source.obs}</h3>
          <ol className="mt-2 grid list-decimal gap-2 pl-5 text-sm text-muted marker:text-accent">
            {text.source.obsSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      </div>
    </Section>
  );
}
