/** The permission sheet: what a plugin may do, in words that a creator understands. */

import { useId, type ReactNode } from "react";
import type { PermissionBody, PluginBody, PluginSecretBody } from "../../generated/schema";
import { bytes, micros } from "../format/format";
import { isolated } from "../text/isolate";
import { plural } from "../text/plural";
import { changeOf, hostsOf, linesOf, type Fact, type Line } from "./permissions/explain";
import { text } from "./permissions/text";

interface Props {
  permissions: readonly PermissionBody[];
  /** What was asked for before: then only the differences are shown. */
  previous?: readonly PermissionBody[];
  /** What it gets to see and may use at most, where that is to be told. */
  plugin?: Pick<PluginBody, "limits" | "reads">;
  /** What the secrets are called. */
  secrets?: readonly Pick<PluginSecretBody, "name" | "label">[];
  /** The keys that are granted; with `onGrant` each line can be allowed or not. */
  grant?: readonly string[];
  onGrant?: (keys: string[]) => void;
}

export function PermissionSheet({ permissions, previous, plugin, secrets = [], grant, onGrant }: Props) {
  const { added, gone } =
    previous === undefined ? { added: linesOf(permissions), gone: [] } : changeOf(previous, permissions);
  const nameOf = (name: string) => secrets.find((secret) => secret.name === name)?.label ?? name;
  const isGranted = ({ keys }: Line) => grant === undefined || keys.every((key) => grant.includes(key));
  const allow = ({ keys }: Line, isAllowed: boolean) => {
    const others = (grant ?? []).filter((key) => !keys.includes(key));
    onGrant?.(isAllowed ? [...others, ...keys] : others);
  };
  return (
    <div className="grid gap-4">
      {previous !== undefined && (
        <p className="font-semibold">
          {added.length === 0 ? text.nothingChanged : plural(text.moreTitle, added.length)}
        </p>
      )}
      {previous === undefined && added.length === 0 && <p>{text.nothing}</p>}
      {added.length > 0 && (
        <ul className="grid">
          {added.map((line) => (
            <SheetLine
              key={line.keys.join(" ")}
              line={line}
              nameOf={nameOf}
              isGranted={isGranted(line)}
              canChange={onGrant !== undefined}
              isStateShown={grant !== undefined}
              onChange={(isAllowed) => allow(line, isAllowed)}
            />
          ))}
        </ul>
      )}
      {gone.length > 0 && (
        <div className="grid gap-2">
          <p className="text-sm font-semibold">{text.goneTitle}</p>
          <ul className="grid">
            {gone.map((line) => (
              <li key={line.keys.join(" ")} className="grid gap-1 border-t border-line py-3 text-muted">
                <Explained fact={line.fact} nameOf={nameOf} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {plugin !== undefined && plugin.reads.length > 0 && (
        <Seen words={plugin.reads} isKept={!permissions.some(({ capability }) => capability === "data")} />
      )}
      {previous === undefined && (
        <p className="text-sm text-muted">
          {text.always} {plugin !== undefined && stopped(plugin)}
        </p>
      )}
    </div>
  );
}

/** What it is given: nothing to decide about, but to be known. */
function Seen({ words, isKept }: { words: readonly string[]; isKept: boolean }) {
  return (
    <div className="grid gap-1 border-t border-line py-3">
      <Explanation title={text.sees} means={isKept ? text.seesOnly : text.seesMeans}>
        <Items items={words.map(wordOf)} />
      </Explanation>
    </div>
  );
}

const wordOf = (word: string) => text.dataWords[word] ?? word;

function stopped({ limits: { cpu_ms, wall_ms, memory_bytes } }: Pick<PluginBody, "limits">) {
  return text.stopped(micros(cpu_ms * 1000), micros(wall_ms * 1000), bytes(memory_bytes));
}

interface LineProps {
  line: Line;
  nameOf: (secret: string) => string;
  isGranted: boolean;
  canChange: boolean;
  isStateShown: boolean;
  onChange: (isAllowed: boolean) => void;
}

function SheetLine({ line, nameOf, isGranted, canChange, isStateShown, onChange }: LineProps) {
  const id = useId();
  return (
    <li className="grid gap-x-6 gap-y-2 border-t border-line py-3 first:border-t-0 first:pt-0 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div id={id} className={`grid min-w-0 gap-1 ${isGranted ? "" : "text-muted"}`}>
        <Explained fact={line.fact} nameOf={nameOf} />
        {line.reason !== "" && <p className="text-sm text-muted italic">{text.publisherSays(isolated(line.reason))}</p>}
      </div>
      {canChange && (
        <label className="flex min-h-11 items-center gap-2.5 self-start text-sm font-medium sm:min-h-8">
          <input
            type="checkbox"
            checked={isGranted}
            onChange={(event) => onChange(event.target.checked)}
            aria-describedby={id}
            className="size-5 accent-accent"
          />
          {text.agree}
        </label>
      )}
      {!canChange && isStateShown && (
        <span className="text-sm font-semibold text-muted">{isGranted ? text.agreed : text.declined}</span>
      )}
    </li>
  );
}

function Explained({ fact, nameOf }: { fact: Fact; nameOf: (secret: string) => string }) {
  switch (fact.is) {
    case "push":
      return (
        <Explanation title={text.push} means={text.pushMeans}>
          <Hosts hosts={fact.hosts} more={fact.settings.map((pointer) => text.setting(pointer.replace(/^\//, "")))} />
        </Explanation>
      );
    case "http":
      if (fact.writes === "now") return <Explanation title={text.httpWritesNow} />;
      return fact.writes === "yes" ? (
        <Explanation title={text.http} means={text.httpWrites}>
          <Hosts hosts={fact.hosts} />
        </Explanation>
      ) : (
        <Explanation title={text.httpReadsTitle} means={text.httpReads}>
          <Hosts hosts={fact.hosts} />
        </Explanation>
      );
    case "connect":
      return (
        <Explanation title={text.connect} means={text.connectMeans}>
          <Hosts hosts={fact.hosts} />
        </Explanation>
      );
    case "webhook":
      return <Explanation title={text.webhook} means={text.webhookMeans} />;
    case "kv":
      return <Explanation title={text.kv(bytes(fact.bytes))} means={text.kvMeans} />;
    case "secret":
      return <SecretExplained fact={fact} label={nameOf(fact.name)} />;
    case "data":
      return (
        <Explanation title={text.data} means={text.dataMeans}>
          <Items items={fact.words.map(wordOf)} />
        </Explanation>
      );
    case "other":
      return <Explanation title={isolated(fact.summary)} />;
  }
}

function SecretExplained({ fact, label }: { fact: Extract<Fact, { is: "secret" }>; label: string }) {
  return (
    <Explanation title={text.secret(label)}>
      {fact.isStreamKey && <p className="text-sm text-muted">{text.secretStreamKey}</p>}
      {fact.signs && <p className="text-sm text-muted">{text.secretSigns}</p>}
      {fact.hosts.length > 0 && (
        <>
          <p className="text-sm text-muted">{text.secretHosts}</p>
          <Hosts hosts={fact.hosts} />
        </>
      )}
      {fact.scopes.length > 0 && (
        <>
          <p className="text-sm text-muted">{text.secretScopes}</p>
          <ul className="flex flex-wrap gap-1.5">
            {fact.scopes.map((scope) => (
              <li key={scope}>
                <code dir="ltr" className="text-sm wrap-anywhere">
                  {scope}
                </code>
              </li>
            ))}
          </ul>
        </>
      )}
    </Explanation>
  );
}

function Explanation({ title, means, children }: { title: string; means?: string; children?: ReactNode }) {
  return (
    <>
      <p className="font-medium">{title}</p>
      {children}
      {means !== undefined && <p className="text-sm text-muted">{means}</p>}
    </>
  );
}

/** Hosts and other places, one a line. */
function Hosts({ hosts, more = [] }: { hosts: readonly string[]; more?: readonly string[] }) {
  return (
    <ul className="grid gap-0.5 text-sm">
      {hostsOf(hosts).map(({ name, isEverythingBelow, isReadable }) => (
        <li key={`${name} ${isEverythingBelow}`} className="wrap-anywhere">
          {isEverythingBelow ? <bdi>{text.below(name)}</bdi> : <code dir="ltr">{name}</code>}
          {isReadable !== "never" && <span className="text-muted"> · {text.readable[isReadable]}</span>}
        </li>
      ))}
      {more.map((place) => (
        <li key={place}>{place}</li>
      ))}
    </ul>
  );
}

function Items({ items }: { items: readonly string[] }) {
  return (
    <ul className="grid gap-0.5 text-sm">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
