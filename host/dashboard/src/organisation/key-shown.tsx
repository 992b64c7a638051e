import { Actions } from "../ui/actions";
import { Button } from "../ui/button";
import { Code, CopyField } from "../ui/copy-field";
import { Dialog } from "../ui/dialog";
import type { ApiKeyBody } from "../../generated/schema";
import { text } from "./keys/text";

/** What a permission can be tried with: something that it reads. */
const readings: Record<string, string> = {
  "sources:read": "/api/sources",
  "streams:read": "/api/streams/info",
  "plugins:read": "/api/plugins",
  "apps:read": "/api/apps",
  "team:read": "/api/team",
  "keys:read": "/api/api-keys",
  "billing:read": "/api/subscriptions/my-subscription",
  "audit:read": "/api/audit-log",
};

interface Props {
  /** The key as it was answered when it was made or rotated. */
  made: ApiKeyBody;
  onClose: () => void;
}

/** A key, the one time that it is there to be copied. */
export function KeyShown({ made: { key, scopes }, onClose }: Props) {
  const secret = key ?? "";
  const reading = scopes.map((scope) => readings[scope]).find((path) => path !== undefined);
  // A stray click does not close it: the key would be lost.
  return (
    <Dialog title={text.keys.shownTitle} intro={text.keys.shownIntro} onClose={onClose} isPinned>
      <CopyField label={text.keys.key} value={secret} />
      {reading !== undefined && (
        <div className="grid min-w-0 gap-1.5">
          <p className="text-sm font-semibold">{text.keys.tryIt}</p>
          <Code label={text.keys.tryIt}>{`curl -H "Authorization: Bearer ${secret}" \\\n  ${location.origin}${reading}`}</Code>
        </div>
      )}
      <Actions>
        <Button look="primary" onClick={onClose}>
          {text.keys.done}
        </Button>
      </Actions>
    </Dialog>
  );
}
