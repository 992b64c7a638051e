/**
 * Why something is not live, and what to do about it.
 *
 * The server gives a code of an open vocabulary and a sentence in English. Codes that we know become words in the
 * reader's language and advice; the server's sentence stays beside them, as it knows names and figures.
 */

import { sentence } from "../format/format";
import { text } from "./text";

interface Reason {
  code: string;
  message: string;
}

/** Where the advice is followed; pages lead there. */
export type Remedy = "destination" | "account" | "plugin" | "platform" | "encoder" | "host" | "none";

/** A reason as people are told it. */
export interface Told {
  what: string;
  /** The server's own sentence; undefined where `what` is it. */
  said: string | undefined;
  /** Undefined for a code that is not known. */
  todo: string | undefined;
  remedy: Remedy;
}

type Case = keyof typeof text.reasons;

const remedies: Record<Case, Remedy> = {
  rejected: "destination",
  refused: "destination",
  unreachable: "destination",
  nameUnknown: "destination",
  tls: "destination",
  notRtmp: "destination",
  interrupted: "none",
  ended: "platform",
  stalled: "encoder",
  slow: "encoder",
  aboveLimit: "encoder",
  address: "destination",
  addressForbidden: "host",
  key: "destination",
  account: "account",
  settings: "destination",
  patience: "none",
  quota: "destination",
  platformTrouble: "none",
  notEnabled: "platform",
  tooMany: "platform",
  broadcastGone: "platform",
  hostBusy: "none",
  pluginFailed: "plugin",
  pluginStopped: "plugin",
  pluginDenied: "plugin",
  archived: "none",
  vanished: "encoder",
  second: "encoder",
  planUsedUp: "host",
  keyframesFar: "encoder",
  hoursLow: "host",
  hoursUsed: "host",
};

const codes: Record<Case, readonly string[]> = {
  rejected: ["rejected"],
  refused: ["refused", "connect-refused"],
  unreachable: ["timed-out", "connect-failed"],
  nameUnknown: ["dns-failed"],
  tls: ["tls-failed"],
  notRtmp: ["protocol-error"],
  interrupted: ["closed", "reset", "broken", "lost"],
  ended: ["ended"],
  stalled: ["stalled"],
  slow: ["slow"],
  aboveLimit: ["above-limit"],
  address: ["target-invalid", "url-invalid", "invalid-url", "host-invalid", "foreign-host", "key-in-url", "not-encrypted"],
  addressForbidden: ["address-refused"],
  key: ["secret-missing", "stream-key-invalid", "no-key"],
  account: ["unauthorized", "account-needed", "oauth-consent-needed", "oauth-refresh-failed"],
  settings: ["config-invalid", "needs-configuration", "title-empty"],
  patience: ["rate-limited"],
  quota: ["quota-exceeded"],
  platformTrouble: ["platform-error", "unavailable"],
  notEnabled: ["live-streaming-not-enabled"],
  tooMany: ["too-many-broadcasts"],
  broadcastGone: ["broadcast-ended", "broadcast-deleted"],
  hostBusy: ["host-busy", "plugins-busy", "plugin-unavailable"],
  pluginFailed: [
    "plugin-error",
    "plugin-trap",
    "plugin-cpu",
    "plugin-timeout",
    "plugin-memory",
    "plugin-stack",
    "plugin-too-much-data",
    "plugin-breaker-open",
    "answer-invalid",
    "answer-too-large",
    "state-too-large",
    "protocol-unsupported",
  ],
  pluginStopped: [
    "installation-disabled",
    "installation-unknown",
    "installation-damaged",
    "plugin-suspended",
    "plugin-revoked",
    "plugin-not-runnable",
    "plugin-unknown",
    "plugin-kind",
    "plugins-stopped",
    "development-off",
  ],
  pluginDenied: ["denied", "host-denied", "method-denied", "header-denied", "secret-denied"],
  archived: ["app-archived"],
  vanished: ["publisher-vanished"],
  second: ["second-publisher"],
  planUsedUp: ["plan-limit-reached"],
  keyframesFar: ["keyframes-far-apart"],
  hoursLow: ["streaming-hours-low"],
  hoursUsed: ["streaming-hours-used"],
};

const cases = new Map(
  Object.entries(codes).flatMap(([name, all]) => all.map((code) => [code, name as Case] as const)),
);

/** A reason in the reader's language, with what to do; the server's own sentence where its code is not known. */
export function inPlainWords({ code, message }: Reason): Told {
  const known = cases.get(code);
  if (known === undefined) return { what: sentence(message), said: undefined, todo: undefined, remedy: "none" };
  const { what, todo } = text.reasons[known];
  return { what, said: message === "" ? undefined : sentence(message), todo, remedy: remedies[known] };
}
