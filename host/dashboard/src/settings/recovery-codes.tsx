import { saveBlob } from "../organisation/save-file";
import { brand } from "../brand/brand";
import { currentUser } from "../api/session";
import { Actions } from "../ui/actions";
import { Button } from "../ui/button";
import { Code } from "../ui/copy-field";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { text } from "./text";

/** Recovery codes, the one time that they are there to be kept. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const list = codes.join("\n");
  const save = () => {
    const head = `${brand.name} · ${location.host} · ${currentUser()?.email ?? ""}`;
    saveBlob(new Blob([`${head}\n\n${list}\n`], { type: "text/plain" }), text.security.downloadName);
  };
  return (
    <Dialog title={text.security.codesTitle} intro={text.security.codesIntro} onClose={onClose} isPinned>
      <Code label={text.security.codes}>{list}</Code>
      <Actions>
        <Button onClick={save}>
          <Icon name="download" className="size-4" />
          {text.security.download}
        </Button>
        <Button look="primary" onClick={onClose}>
          {text.security.keptThem}
        </Button>
      </Actions>
    </Dialog>
  );
}
