import { useIsAtLeast } from "../api/standing";
import { useEndStream } from "../live/streams";
import { buttonLook } from "../ui/button";
import { ConfirmButton } from "../ui/confirm";
import { Icon } from "../ui/icon";
import { notify } from "../ui/toast";
import { useCurrentSource } from "./current";
import { text } from "./text";

/** What can be done with a source from all of its pages. */
export function SourceActions() {
  const source = useCurrentSource();
  const end = useEndStream(source.id);
  const mayEnd = useIsAtLeast("editor");
  const stop = async () => {
    await end.mutateAsync(undefined);
    notify(text.source.ended);
  };
  return (
    <>
      {source.visibility !== "token-only" && (
        <a href={`/watch/${source.playback_id}`} target="_blank" rel="noopener" className={buttonLook("quiet")}>
          {text.source.watch}
          <Icon name="external" className="rtl:-scale-x-100" />
        </a>
      )}
      {mayEnd && source.state !== "offline" && (
        <ConfirmButton label={text.source.endStream} consequence={text.source.endConfirm} action={stop} />
      )}
    </>
  );
}
