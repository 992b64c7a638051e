import { Link } from "@tanstack/react-router";
import type { SelfTestBody } from "../../../generated/schema";
import { text } from "../text";

/** Whether all that a destination's plugin lacks is the key, which each destination brings. */
export function lacksOnlyKeys(kind: string, { passed, checks }: SelfTestBody): boolean {
  const failed = checks.filter(({ code }) => code != null);
  return kind === "destination" && !passed && failed.every(({ code }) => code === "secret-missing");
}

/** Whether the test passed, and what can be done with the plugin now. */
export function SelfTestOutcome({ kind, report }: { kind: string; report: SelfTestBody }) {
  const isKeyLater = lacksOnlyKeys(kind, report);
  const passed = report.passed || isKeyLater;
  return (
    <div
      role="status"
      className={`rounded-md border border-s-4 px-4 py-3
        ${passed ? "border-good/50 border-s-good bg-good/6" : "border-bad/50 border-s-bad bg-bad/6"}`}
    >
      <p className={`font-semibold ${passed ? "text-good" : "text-bad"}`}>
        {isKeyLater ? text.selfTest.keyLater : passed ? text.selfTest.passed : text.selfTest.failed}
      </p>
      <p className="mt-0.5 text-sm">
        {isKeyLater ? text.selfTest.keyLaterHint : passed ? text.selfTest.next[kind] : text.selfTest.failedHint}{" "}
        {passed && kind === "destination" && (
          <Link to="/sources" className="font-medium text-accent underline underline-offset-4">
            {text.selfTest.toSources}
          </Link>
        )}
      </p>
    </div>
  );
}
