import { text } from "./text";
import { useWayBack } from "./way-back";

/** How it went at the platform, for whoever has just come back from there. */
export function OauthOutcome() {
  const { oauth, code } = useWayBack();
  if (oauth === undefined) return null;
  if (oauth === "connected") {
    return (
      <p role="status" className="rounded-md border border-good/50 border-s-4 border-s-good bg-good/6 px-4 py-3 text-sm font-semibold">
        {text.oauth.connected}
      </p>
    );
  }
  return (
    <div role="alert" className="rounded-md border border-bad/50 border-s-4 border-s-bad bg-bad/6 px-4 py-3 text-sm">
      <p className="font-semibold text-bad">{text.oauth.failed}</p>
      <p className="mt-0.5">{text.oauth.reasons[code ?? ""] ?? text.oauth.other}</p>
    </div>
  );
}
