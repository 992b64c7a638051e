import { Actions } from "../ui/actions";
import { Button } from "../ui/button";
import { Code, CopyField } from "../ui/copy-field";
import { Dialog } from "../ui/dialog";
import { text } from "./text";

/** A key, the one time that it is there to be copied. */
export function KeyShown({ apiKey, onClose }: { apiKey: string; onClose: () => void }) {
  // A stray click does not close it: the key would be lost.
  return (
    <Dialog title={text.keys.shownTitle} intro={text.keys.shownIntro} onClose={onClose} isPinned>
      <CopyField label={text.keys.key} value={apiKey} />
      <div className="grid min-w-0 gap-1.5">
        <p className="text-sm font-semibold">{text.keys.tryIt}</p>
        <Code label={text.keys.tryIt}>{`curl -H "Authorization: Bearer ${apiKey}" \\\n  ${location.origin}/api/sources`}</Code>
      </div>
      <Actions>
        <Button look="primary" onClick={onClose}>
          {text.keys.done}
        </Button>
      </Actions>
    </Dialog>
  );
}
