import type { ReactNode } from "react";
import { inPlainWords } from "../live/reasons";
import type { ReasonBody } from "../../generated/schema";

interface Props {
  reason: ReasonBody;
  /** What follows the first sentence. */
  children?: ReactNode;
}

/** Why something is not as it should be, what to do about it, and the server's own sentence, which knows figures. */
export function ReasonTold({ reason, children }: Props) {
  const { what, said, todo } = inPlainWords(reason);
  return (
    <div className="grid gap-1">
      <p className="font-semibold">
        {what}
        {children}
      </p>
      {todo !== undefined && <p className="max-w-[70ch]">{todo}</p>}
      {said !== undefined && (
        <p lang="en" dir="ltr" className="text-start text-sm text-muted wrap-anywhere rtl:text-end">
          {said}
        </p>
      )}
    </div>
  );
}
