import { useEffect, useRef, type ReactNode } from "react";

interface Step {
  title: string;
  state: "done" | "current" | "coming";
  children?: ReactNode;
}

/** Steps that are gone one after another, as a ladder. Whoever goes one further is led to its heading. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  const list = useRef<HTMLOListElement>(null);
  const current = steps.findIndex(({ state }) => state === "current");
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    const step = list.current?.children[current];
    // A step whose first field takes the focus by itself keeps it there.
    if (step?.contains(document.activeElement) !== true) step?.querySelector<HTMLElement>("h2")?.focus();
  }, [current]);
  return (
    <ol ref={list} className="grid">
      {steps.map(({ title, state, children }, index) => (
        <li
          key={title}
          aria-current={state === "current" ? "step" : undefined}
          className="grid grid-cols-[2.25rem_minmax(0,1fr)] gap-x-3 sm:gap-x-4"
        >
          <span aria-hidden className="grid grid-rows-[auto_1fr] justify-items-center">
            <span
              className={`grid size-8 place-items-center rounded-full border-2 text-sm font-bold tabular-nums
                ${state === "done" ? "border-accent bg-accent text-on-accent" : ""}
                ${state === "current" ? "border-accent text-accent" : ""}
                ${state === "coming" ? "border-line text-muted" : ""}`}
            >
              {state === "done" ? "✓" : index + 1}
            </span>
            {index < steps.length - 1 && (
              <span className={`w-0.5 ${state === "done" ? "bg-accent" : "bg-line"}`} />
            )}
          </span>
          <div className="grid min-w-0 content-start gap-3 pb-7">
            <h2 tabIndex={-1} className={`min-h-8 pt-1 font-semibold ${state === "coming" ? "text-muted" : ""}`}>{title}</h2>
            {state !== "coming" && children}
          </div>
        </li>
      ))}
    </ol>
  );
}
