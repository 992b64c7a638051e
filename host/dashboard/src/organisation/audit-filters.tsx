import { useInfiniteQuery } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { Button } from "../ui/button";
import { Field, Select } from "../ui/field";
import { Panel } from "../ui/page";
import { language } from "../text/language";
import { apiKeysQuery, membersQuery, rowsOf, type AuditFilter } from "./queries";
import { text } from "./audit/text";

interface Props {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
  /** The field for who did it (`actor`); a choice of the organisation's people and keys when left out. */
  who?: ReactNode;
}

/** Which entries are shown. */
export function AuditFilters({ filter, onChange, who = <WhoField actor={filter.actor ?? ""} /> }: Props) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChange(filterOf(new FormData(event.currentTarget)));
  };
  const kinds = Object.entries(text.audit.kinds).sort(([, one], [, other]) => one.localeCompare(other, language));
  return (
    <Panel>
      <form role="search" aria-label={text.audit.filter} onSubmit={submit} className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {who}
        <Select label={text.audit.what} name="action" defaultValue={filter.action ?? ""}>
          <option value="">{text.audit.anything}</option>
          {kinds.map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </Select>
        <Field label={text.audit.target} name="target" defaultValue={filter.target} maxLength={200} autoComplete="off" />
        <Field label={text.audit.from} name="from" type="date" defaultValue={filter.from} />
        <Field label={text.audit.until} name="until" type="date" defaultValue={filter.until} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary">
            {text.audit.apply}
          </Button>
          {Object.keys(filter).length > 0 && <Button onClick={() => onChange({})}>{text.audit.clear}</Button>}
        </div>
      </form>
    </Panel>
  );
}

/** Everybody and every key that is known; whoever left is found by the id in an entry. */
function WhoField({ actor }: { actor: string }) {
  const members = useInfiniteQuery(membersQuery).data;
  const keys = useInfiniteQuery(apiKeysQuery).data;
  const people = members === undefined ? [] : rowsOf(members, (page) => page.members);
  const programs = keys === undefined ? [] : rowsOf(keys, (page) => page.api_keys);
  const isKnown = actor === "" || people.some((one) => one.user_id === actor) || programs.some((one) => one.id === actor);
  return (
    // Made anew once the people are known: a choice that is not among them yet cannot be shown.
    <Select key={people.length + programs.length} label={text.audit.who} name="actor" defaultValue={actor}>
      <option value="">{text.audit.anybody}</option>
      {!isKnown && <option value={actor}>{actor}</option>}
      <optgroup label={text.audit.people}>
        {people.map(({ user_id, display_name }) => (
          <option key={user_id} value={user_id}>
            {display_name}
          </option>
        ))}
      </optgroup>
      {programs.length > 0 && (
        <optgroup label={text.audit.programs}>
          {programs.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </Select>
  );
}

function filterOf(fields: FormData): AuditFilter {
  const names = ["actor", "action", "target", "from", "until"] as const;
  return Object.fromEntries(names.map((name) => [name, String(fields.get(name) ?? "").trim()]).filter(([, value]) => value !== ""));
}
