import { useRotateKey } from "../live/streams";
import { ConfirmButton } from "../ui/confirm";
import { CopyField } from "../ui/copy-field";
import { notify } from "../ui/toast";
import { useCurrentSource } from "./current";
import { keepNewKey, useNewKey } from "./stream-key";
import { text } from "./encoder/text";

/** Makes another key; what that breaks is said before. */
export function RotateKey() {
  const source = useCurrentSource();
  const rotate = useRotateKey(source.id);
  const key = useNewKey(source.id);
  const make = async () => {
    keepNewKey(await rotate.mutateAsync(undefined));
    notify(text.encoder.newKeyMade);
  };
  return (
    <div className="grid w-full justify-items-start gap-4">
      <ConfirmButton label={text.encoder.newKey} consequence={text.encoder.newKeyConfirm} look="quiet" action={make} />
      {key !== undefined && (
        <div className="grid w-full gap-2">
          <CopyField label={text.encoder.streamKey} value={key} isSecret />
          <p className="text-sm">{text.encoder.keyOnce}</p>
        </div>
      )}
    </div>
  );
}
