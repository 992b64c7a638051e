import { useEffect, useRef, useState } from "react";
import { useOrganisation } from "../api/standing";
import { date } from "../format/format";
import { Button } from "../ui/button";
import { Checkbox, Field, Select } from "../ui/field";
import type { ApiKeyBody } from "../../generated/schema";
import { areaOf, scopeGroups, scopesFor, type Permission } from "./roles";
import { text } from "./keys/text";

interface Props {
  /** The key that is changed; none where one is made. */
  apiKey?: ApiKeyBody;
  problems: Record<string, string>;
}

/** Name, permissions, end and limits of a key. */
export function KeyFields({ apiKey, problems }: Props) {
  return (
    <>
      <Field
        label={text.keys.name}
        hint={text.keys.nameHint}
        name="name"
        defaultValue={apiKey?.name}
        maxLength={100}
        error={problems["name"]}
        required
        autoFocus
      />
      <ScopeFields chosen={apiKey?.scopes ?? []} problem={problems["scopes"]} />
      <EndFields at={apiKey?.expires_at ?? undefined} isNew={apiKey === undefined} problem={problems["expires_at"]} />
      <LimitFields apiKey={apiKey} problem={problems["limits"]} />
    </>
  );
}

/** A tick for each permission that a key may be given, in groups. */
function ScopeFields({ chosen, problem }: { chosen: readonly string[]; problem: string | undefined }) {
  const own = useOrganisation()?.role ?? "viewer";
  const allowed = scopesFor(own);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(chosen));
  const first = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    // The browser says it at the first tick, as it does with any field that is needed.
    first.current?.querySelector("input")?.setCustomValidity(ticked.size === 0 ? text.keys.needOne : "");
  }, [ticked]);
  const toggle = (scope: string) => {
    const next = new Set(ticked);
    if (!next.delete(scope)) next.add(scope);
    setTicked(next);
  };
  return (
    <fieldset ref={first} className="grid gap-4">
      <legend className="mb-1.5 text-sm font-semibold">{text.keys.scopes}</legend>
      <p className="text-sm text-muted">{text.keys.scopesHint}</p>
      {problem !== undefined && <p className="text-sm font-medium text-bad">{problem}</p>}
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setTicked(new Set(allowed.filter((scope) => scope.endsWith(":read"))))}>{text.keys.onlyRead}</Button>
        <Button onClick={() => setTicked(new Set())}>{text.keys.nothing}</Button>
      </div>
      <div className="grid gap-x-6 gap-y-5 sm:grid-cols-2">
        {(Object.keys(scopeGroups) as (keyof typeof scopeGroups)[]).map((group) => (
          <div key={group} role="group" aria-label={text.keys.groups[group]} className="grid content-start gap-2">
            <p aria-hidden className="text-xs font-semibold text-muted">
              {text.keys.groups[group]}
            </p>
            {allowed.filter(isOf(group)).map((scope) => (
              <Checkbox
                key={scope}
                name="scopes"
                value={scope}
                label={text.permissions[scope] ?? scope}
                checked={ticked.has(scope)}
                onChange={() => toggle(scope)}
              />
            ))}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

const isOf = (group: keyof typeof scopeGroups) => (scope: Permission) =>
  (scopeGroups[group] as readonly string[]).includes(areaOf(scope));

function EndFields({ at, isNew, problem }: { at: string | undefined; isNew: boolean; problem: string | undefined }) {
  const [choice, setChoice] = useState(isNew ? "365" : at === undefined ? "never" : "kept");
  const today = new Date().toLocaleDateString("en-CA");
  return (
    <div className="grid gap-x-4 gap-y-5 sm:grid-cols-2">
      <Select label={text.keys.end} name="end" value={choice} onChange={(event) => setChoice(event.target.value)} error={problem}>
        {at !== undefined && <option value="kept">{text.keys.endsKept(date(at))}</option>}
        <option value="30">{text.keys.ends30}</option>
        <option value="90">{text.keys.ends90}</option>
        <option value="365">{text.keys.ends365}</option>
        <option value="day">{text.keys.endsOn}</option>
        <option value="never">{text.keys.endsNever}</option>
      </Select>
      {choice === "day" && <Field label={text.keys.day} name="day" type="date" min={today} required />}
    </div>
  );
}

function LimitFields({ apiKey, problem }: { apiKey: ApiKeyBody | undefined; problem: string | undefined }) {
  const number = { type: "number", min: 1, max: 1_000_000, inputMode: "numeric" } as const;
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-1.5 text-sm font-semibold">{text.keys.limits}</legend>
      <p className="text-sm text-muted">{text.keys.limitsHint}</p>
      {problem !== undefined && <p className="text-sm font-medium text-bad">{problem}</p>}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={text.keys.perMinute} name="per_minute" {...number} defaultValue={apiKey?.limits.per_minute ?? ""} />
        <Field label={text.keys.perHour} name="per_hour" {...number} defaultValue={apiKey?.limits.per_hour ?? ""} />
      </div>
    </fieldset>
  );
}
