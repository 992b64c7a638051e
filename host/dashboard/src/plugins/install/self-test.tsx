import { Link } from "@tanstack/react-router";
import { text } from "../text";

/** Whether the test passed, and what can be done with the plugin now. */
export function SelfTestOutcome({ passed, kind }: { passed: boolean; kind: string }) {
  return (
    <div
      role="status"
      className={`rounded-md border border-s-4 px-4 py-3
        ${passed ? "border-good/50 border-s-good bg-good/6" : "border-bad/50 border-s-bad bg-bad/6"}`}
    >
      <p className={`font-semibold ${passed ? "text-good" : "text-bad"}`}>
        {passed ? text.selfTest.passed : text.selfTest.failed}
      </p>
      <p className="mt-0.5 text-sm">
        {passed ? text.selfTest.next[kind] : text.selfTest.failedHint}{" "}
        {passed && kind === "destination" && (
          <Link to="/sources" className="font-medium text-accent underline underline-offset-4">
            {text.selfTest.toSources}
          </Link>
        )}
      </p>
    </div>
  );
}
