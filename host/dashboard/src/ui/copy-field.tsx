import { useEffect, useState } from "react";
import { Button } from "./button";
import { Icon } from "./icon";
import { text } from "./text";

const SHOWN_MS = 2000;

/** Copies to the clipboard; in pages without HTTPS, where scripts have none, by a selection. */
export function useCopy(): { isCopied: boolean; copy: (value: string) => void } {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (value: string) => {
    const done = navigator.clipboard?.writeText(value) ?? Promise.reject(new Error("no clipboard"));
    void done.catch(() => copyBySelection(value)).then(() => setIsCopied(true));
  };
  return { isCopied, copy };
}

function copyBySelection(value: string) {
  const area = document.createElement("textarea");
  area.value = value;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

interface Props {
  label: string;
  value: string;
  /** Hidden until asked for, such as a key on a screen that is shared. */
  isSecret?: boolean;
}

/** A value to be taken elsewhere. */
export function CopyField({ label, value, isSecret = false }: Props) {
  const { isCopied, copy } = useCopy();
  const [isShown, setIsShown] = useState(!isSecret);
  return (
    <div className="grid min-w-0 gap-1.5">
      <span className="text-sm font-semibold">{label}</span>
      <div className="flex min-w-0 flex-wrap items-stretch gap-2">
        <code
          dir="ltr"
          className="flex min-h-11 min-w-0 flex-1 basis-48 items-center rounded-md border border-line bg-sunken px-3 py-1.5
            font-mono text-sm break-all sm:min-h-10"
        >
          {isShown ? value : "•".repeat(Math.min(value.length, 24))}
        </code>
        {isSecret && (
          <Button onClick={() => setIsShown(!isShown)} aria-pressed={isShown}>
            {isShown ? text.hide : text.show}
          </Button>
        )}
        <Button onClick={() => copy(value)} aria-label={text.copyOf(label)}>
          <Icon name={isCopied ? "check" : "copy"} />
          {isCopied ? text.copied : text.copy}
        </Button>
      </div>
      <span className="sr-only" role="status">
        {isCopied ? text.copied : ""}
      </span>
    </div>
  );
}

/** Several lines to be taken elsewhere, such as commands. */
export function Code({ label, children }: { label: string; children: string }) {
  const { isCopied, copy } = useCopy();
  return (
    <div className="min-w-0 rounded-md border border-line bg-sunken">
      {/* Long lines stay whole: they scroll, also by keyboard. */}
      <pre dir="ltr" role="group" tabIndex={0} aria-label={label} className="overflow-x-auto px-3 pt-3 font-mono text-sm">
        {children}
      </pre>
      <div className="flex justify-end px-1.5">
        <Button look="plain" onClick={() => copy(children)} aria-label={text.copyOf(label)}>
          {isCopied ? text.copied : text.copy}
        </Button>
      </div>
    </div>
  );
}
