import { useId, useState } from "react";
import { buttonLook } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { text } from "./text";

/** Where a file is dropped, or chosen. */
export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        take(event.dataTransfer.files);
      }}
      className={`grid justify-items-center gap-3 rounded-lg border border-dashed px-5 py-10 text-center
        ${isOver ? "border-accent bg-accent/6" : "border-edge"}`}
    >
      <Icon name="upload" className="size-8 text-muted" />
      <p className="font-semibold">{text.upload.drop}</p>
      <input
        id={id}
        type="file"
        accept=".wasm,application/wasm"
        className="peer sr-only"
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          take(event.target.files);
          // The same file may be chosen again after it was mended.
          event.target.value = "";
        }}
      />
      <label
        htmlFor={id}
        className={`${buttonLook("primary")} cursor-pointer peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent`}
      >
        {text.upload.choose}
      </label>
      <p id={`${id}-hint`} className="text-sm text-muted">
        {text.upload.hint}
      </p>
    </div>
  );
}
