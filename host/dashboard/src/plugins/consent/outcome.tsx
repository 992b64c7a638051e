import type { ReactNode } from "react";
import { ApiError } from "../../api/client";
import { text } from "./text";
import { useWayBack } from "./way-back";

/** How it went at the platform, for whoever has just come back from there. */
export function OauthOutcome() {
  const { oauth, code = "" } = useWayBack();
  if (oauth === undefined) return null;
  if (oauth === "failed") return <Trouble>{whyNotConnected(code) ?? text.other}</Trouble>;
  return (
    <p
      role="status"
      className="rounded-md border border-good/50 border-s-4 border-s-good bg-good/6 px-4 py-3 text-sm font-semibold"
    >
      {text.connected}
    </p>
  );
}

/** Whether nobody can leave for the platform because it does not know this server. */
export function lacksClient(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "OAUTH_CLIENT_MISSING" || error.code === "OAUTH_CLIENT_BOUND_ELSEWHERE");
}

/** Why an account was not connected, by the word of an address (`oauth-denied`) or the code of a refusal. */
export function whyNotConnected(code: string): string | undefined {
  const word = code.toLowerCase().replaceAll("_", "-");
  return Object.hasOwn(text.reasons, word) ? text.reasons[word] : undefined;
}

/** That no account was connected, and why. */
export function Trouble({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="rounded-md border border-bad/50 border-s-4 border-s-bad bg-bad/6 px-4 py-3 text-sm">
      <p className="font-semibold text-bad">{text.failed}</p>
      <p className="mt-0.5">{children}</p>
    </div>
  );
}
