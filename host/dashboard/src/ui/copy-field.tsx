import { useEffect, useId, useState } from "react";
import { text } from "../text/text";
import { Button } from "./button";

const SHOWN_MS = 1800;

/** A value to be pasted elsewhere, with a button that copies it. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = async () => {
    const field = document.getElementById(id) as HTMLInputElement;
    field.select();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Without TLS a browser offers no clipboard; the selection can still be copied.
      document.execCommand("copy");
    }
    setIsCopied(true);
  };

  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          readOnly
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          className="min-h-10 w-full min-w-0 rounded-lg border border-line bg-sunken px-3 font-mono text-sm"
        />
        <Button onClick={() => void copy()} aria-label={`${text.common.copy}: ${label}`} className="min-w-20">
          {isCopied ? text.common.copied : text.common.copy}
        </Button>
      </div>
      <span className="sr-only" role="status">
        {isCopied ? text.common.copied : ""}
      </span>
    </div>
  );
}
