import { useState } from "react";
import type { Source } from "../api/types";
import { dateAndTime } from "../format/format";
import { Button } from "../ui/button";
import { ConfirmButton } from "../ui/confirm";
import { CopyField } from "../ui/copy-field";
import { Field, Select } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Section } from "../ui/page";
import { notify } from "../ui/toast";
import type { PlaybackTokenBody } from "../../generated/schema";
import { createToken, revokeToken, revokeTokens } from "./queries";
import { text } from "./viewers/text";

const LIFETIMES_S = ["900", "3600", "14400", "86400"];

/** Links for single viewers. The server keeps no token, so only those made on this page can be listed. */
export function PlaybackTokens({ source }: { source: Source }) {
  const [made, setMade] = useState<readonly PlaybackTokenBody[]>([]);
  const forget = (is: (token: PlaybackTokenBody) => boolean) => setMade((all) => all.filter((token) => !is(token)));
  return (
    <Section title={text.viewers.tokens} intro={text.viewers.tokensIntro}>
      <div className="grid gap-8">
        {source.visibility !== "token-only" && <p className="text-sm">{text.viewers.tokensNotNeeded}</p>}
        <NewToken sourceId={source.id} onMade={(token) => setMade((all) => [token, ...all])} />
        {made.length > 0 && (
          <ul aria-label={text.viewers.made} className="grid gap-4">
            {made.map((token) => (
              <li key={token.token_id}>
                <MadeToken
                  token={token}
                  sourceId={source.id}
                  onRevoked={() => forget(({ token_id }) => token_id === token.token_id)}
                />
              </li>
            ))}
          </ul>
        )}
        <Revocation
          sourceId={source.id}
          onRevoked={(viewer) => forget(({ viewer_id }) => viewer === undefined || viewer_id === viewer)}
        />
      </div>
    </Section>
  );
}

function NewToken({ sourceId, onMade }: { sourceId: string; onMade: (token: PlaybackTokenBody) => void }) {
  const send = async (fields: FormData) => {
    const token = await createToken(sourceId, {
      expires_in_s: Number(textOf(fields, "expires_in_s")),
      viewer_id: textOf(fields, "viewer_id") || null,
      ip_address: textOf(fields, "ip_address") || null,
    });
    onMade(token);
  };
  return (
    <Form send={send} submitLabel={text.viewers.create}>
      {(problems) => (
        <div className="grid gap-5 sm:grid-cols-3">
          <Select label={text.viewers.lifetime} name="expires_in_s" defaultValue="3600" error={problems["expires_in_s"]}>
            {LIFETIMES_S.map((seconds) => (
              <option key={seconds} value={seconds}>
                {text.viewers.lifetimes[seconds]}
              </option>
            ))}
          </Select>
          <Field
            label={text.viewers.viewer}
            hint={text.viewers.viewerHint}
            name="viewer_id"
            maxLength={100}
            autoComplete="off"
            error={problems["viewer_id"]}
          />
          <Field
            label={text.viewers.address}
            hint={text.viewers.addressHint}
            name="ip_address"
            dir="ltr"
            maxLength={45}
            autoComplete="off"
            error={problems["ip_address"]}
          />
        </div>
      )}
    </Form>
  );
}

interface MadeProps {
  token: PlaybackTokenBody;
  sourceId: string;
  onRevoked: () => void;
}

function MadeToken({ token, sourceId, onRevoked }: MadeProps) {
  const viewer = token.viewer_id ?? text.viewers.anyone;
  const revoke = async () => {
    await revokeToken(sourceId, token.token_id);
    onRevoked();
    notify(text.viewers.revoked);
  };
  return (
    <article className="grid gap-4 rounded-md border border-accent/50 bg-accent/6 p-4">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="grid gap-0.5">
          <h3 className="font-semibold wrap-anywhere">{viewer}</h3>
          <p className="text-sm text-muted">
            {text.viewers.endsAt(dateAndTime(token.expires_at))}
            {token.ip_address != null && <> · {text.viewers.onlyFrom(token.ip_address)}</>}
          </p>
        </div>
        <ConfirmButton
          label={text.viewers.revoke}
          describedAs={text.viewers.revokeOf(viewer)}
          consequence={text.viewers.revokeConfirm}
          look="quiet"
          action={revoke}
        />
      </header>
      <p role="status" className="text-sm">
        {text.viewers.tokenOnce}
      </p>
      <CopyField label={text.viewers.tokenLink} value={token.watch_url} isSecret />
      <CopyField label={text.viewers.tokenHls} value={token.playback_url} isSecret />
    </article>
  );
}

/** Takes tokens back that are not in sight any more. */
function Revocation({ sourceId, onRevoked }: { sourceId: string; onRevoked: (viewer?: string) => void }) {
  const [isAsking, setIsAsking] = useState(false);
  const revokeAll = async () => {
    await revokeTokens(sourceId);
    onRevoked();
    notify(text.viewers.allRevoked);
  };
  const revokeViewer = async (fields: FormData) => {
    const viewer = textOf(fields, "viewer_id");
    await revokeTokens(sourceId, viewer);
    onRevoked(viewer);
    setIsAsking(false);
    notify(text.viewers.viewerRevoked(viewer));
  };
  return (
    <div className="grid gap-4 border-t border-line pt-5">
      <div className="flex flex-wrap gap-2">
        <Button aria-expanded={isAsking} onClick={() => setIsAsking(!isAsking)}>
          {text.viewers.revokeViewer}
        </Button>
        <ConfirmButton
          label={text.viewers.revokeAll}
          consequence={text.viewers.revokeAllConfirm}
          action={revokeAll}
        />
      </div>
      {isAsking && (
        <div className="max-w-lg">
          <Form send={revokeViewer} submitLabel={text.viewers.revoke} look="danger" onCancel={() => setIsAsking(false)}>
            {(problems) => (
              <Field
                label={text.viewers.revokeViewerField}
                name="viewer_id"
                maxLength={100}
                required
                autoFocus
                autoComplete="off"
                error={problems["viewer_id"]}
              />
            )}
          </Form>
        </div>
      )}
    </div>
  );
}
