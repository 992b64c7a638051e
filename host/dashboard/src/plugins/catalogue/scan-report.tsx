import type { CheckBody } from "../../../generated/schema";
import { sentence } from "../../format/format";
import { isolated } from "../../text/isolate";
import { Tally } from "../../ui/tally";
import { text } from "../text";

/** What was looked at in a package or an installation, line by line. */
export function ScanReport({ checks }: { checks: readonly CheckBody[] }) {
  return (
    <ul className="grid text-sm">
      {checks.map(({ name, code, message, took_ms }) => (
        <li
          key={name}
          className="grid gap-x-4 gap-y-0.5 border-t border-line py-2 first:border-t-0 sm:grid-cols-[11rem_minmax(0,1fr)_auto]"
        >
          <Tally state={name} tone={code == null ? "good" : "bad"}>
            {text.checks[name] ?? name}
          </Tally>
          <span className="wrap-anywhere">
            {message === "" ? text.checkPassed : isolated(code == null ? message : sentence(message))}
            {code != null && (
              <>
                {" "}
                <code dir="ltr" className="text-muted">
                  {code}
                </code>
              </>
            )}
          </span>
          <span className="text-muted tabular-nums">{text.milliseconds(took_ms)}</span>
        </li>
      ))}
    </ul>
  );
}
