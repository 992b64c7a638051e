/**
 * What permissions mean to a creator.
 *
 * A permission is a list of keys such as `http:https://api.example.com` (docs/PLUGINS.md, Permissions). The keys say
 * everything; the server's summary is for keys that are not known here.
 */

import type { PermissionBody } from "../../../generated/schema";

/** What a line of the sheet permits. */
export type Fact =
  | { is: "push"; hosts: string[]; settings: string[] }
  | { is: "http"; hosts: string[]; writes: "yes" | "no" | "now" }
  | { is: "connect"; hosts: string[] }
  | { is: "webhook" }
  | { is: "kv"; bytes: number }
  | { is: "secret"; name: string; hosts: string[]; isStreamKey: boolean; signs: boolean; scopes: string[] }
  | { is: "data"; words: string[] }
  | { is: "other"; summary: string };

/** A line of the sheet: what is permitted, and what the publisher says of it. */
export interface Line {
  /** The keys that a consent to this line grants. */
  keys: readonly string[];
  fact: Fact;
  reason: string;
}

/** The permissions as lines. */
export function linesOf(permissions: readonly PermissionBody[]): Line[] {
  return permissions.map((permission) => ({
    keys: permission.keys,
    fact: factOf(permission),
    reason: permission.reason,
  }));
}

/** What a sheet asks for that another one did not, and what it asks for no more. */
export interface Change {
  added: Line[];
  gone: Line[];
}

export function changeOf(before: readonly PermissionBody[], after: readonly PermissionBody[]): Change {
  return { added: linesOf(beyond(after, before)), gone: linesOf(beyond(before, after)) };
}

/** Of `permissions` those keys that `others` do not cover. */
function beyond(permissions: readonly PermissionBody[], others: readonly PermissionBody[]): PermissionBody[] {
  const known = others.flatMap(({ keys }) => keys);
  return permissions
    .map((permission) => ({ ...permission, keys: permission.keys.filter((key) => !isCovered(key, known)) }))
    .filter(({ keys }) => keys.length > 0);
}

/** A larger memory covers a smaller one. */
function isCovered(key: string, known: readonly string[]): boolean {
  if (known.includes(key)) return true;
  const wanted = bytesOf(key);
  return wanted !== undefined && known.some((one) => (bytesOf(one) ?? -1) >= wanted);
}

const bytesOf = (key: string) => (key.startsWith("kv:") ? Number(key.slice(3)) : undefined);

function factOf({ capability, keys, summary }: PermissionBody): Fact {
  return factOfKeys(capability, keys) ?? { is: "other", summary };
}

/** Undefined where a key is not one of those that are known here: then nothing may be left out of the sentence. */
function factOfKeys(capability: string, keys: readonly string[]): Fact | undefined {
  const rest = (prefix: string) => keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const isAllOf = (...prefixes: string[]) =>
    keys.length > 0 && keys.every((key) => prefixes.some((prefix) => key.startsWith(prefix)));
  switch (capability) {
    case "push":
      if (!isAllOf("push:", "push-config:")) return undefined;
      return { is: "push", hosts: rest("push:"), settings: rest("push-config:") };
    case "http": {
      if (!isAllOf("http:", "http-method:")) return undefined;
      const hosts = rest("http:");
      const isWriting = rest("http-method:").length > 0;
      return { is: "http", hosts, writes: !isWriting ? "no" : hosts.length > 0 ? "yes" : "now" };
    }
    case "connect":
      return isAllOf("connect:") ? { is: "connect", hosts: rest("connect:") } : undefined;
    case "webhook":
      return isAllOf("webhook") ? { is: "webhook" } : undefined;
    case "kv": {
      const bytes = Math.max(...rest("kv:").map(Number));
      return isAllOf("kv:") && Number.isFinite(bytes) ? { is: "kv", bytes } : undefined;
    }
    case "secret":
      return isAllOf("secret:", "secret-push:", "secret-mac:", "scope:") ? secretFact(keys) : undefined;
    case "data":
      return isAllOf("data:") ? { is: "data", words: rest("data:") } : undefined;
    default:
      return undefined;
  }
}

/** `secret:name@host`, `secret-push:name`, `secret-mac:name`, `scope:name:scope`: of one secret. */
function secretFact(keys: readonly string[]): Fact | undefined {
  const fact = { is: "secret" as const, name: "", hosts: [] as string[], isStreamKey: false, signs: false, scopes: [] as string[] };
  for (const key of keys) {
    const [, kind = "", name = "", more = ""] = /^([a-z-]+):([^@:]+)[@:]?(.*)$/.exec(key) ?? [];
    if (name === "" || (fact.name !== "" && fact.name !== name)) return undefined;
    fact.name = name;
    if (kind === "secret") fact.hosts.push(more);
    if (kind === "scope") fact.scopes.push(more);
    fact.isStreamKey ||= kind === "secret-push";
    fact.signs ||= kind === "secret-mac";
  }
  return fact;
}

/** A place on the network, as people read it. */
export interface Host {
  name: string;
  /** Everything below the name. */
  isEverythingBelow: boolean;
  /** Whether whoever carries it on its way could read it: always, or where the server asks for it. */
  isReadable: "always" | "sometimes" | "never";
}

const READABLE = ["rtmp", "http", "ws", "tcp"];

/** Host patterns without what only programs need: schemes, and the star for everything below. Each host once. */
export function hostsOf(patterns: readonly string[]): Host[] {
  const hosts = new Map<string, Host>();
  for (const pattern of patterns) {
    const [, scheme = "", rest = pattern] = /^([a-z]+):\/\/(.*)$/.exec(pattern) ?? [];
    const isReadable = READABLE.includes(scheme) ? "always" : "never";
    const known = hosts.get(rest);
    hosts.set(rest, {
      name: rest.replace(/^\*\./, ""),
      isEverythingBelow: rest.startsWith("*."),
      isReadable: known === undefined || known.isReadable === isReadable ? isReadable : "sometimes",
    });
  }
  return [...hosts.values()];
}
