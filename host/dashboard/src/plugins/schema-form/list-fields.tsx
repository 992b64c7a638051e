/** Fields for several values: lines, boxes to tick, and objects one after another. */

import { useId, useState } from "react";
import { count } from "../../format/format";
import { Button } from "../../ui/button";
import { Checkbox, TextArea } from "../../ui/field";
import { isSame } from "./matches";
import { below, resolved, type Config, type Schema } from "./schema";
import { isObject } from "./schema";
import { ObjectFields } from "./object-fields";
import { problemWithin } from "./problems";
import { text } from "./text";
import { useForm } from "./form";
import { linesOf } from "./value";
import { hintOf, labelOf, shown, type ValueChoice } from "./words";
import type { FieldProps } from "./simple-fields";

const listOf = (value: unknown, schema: Schema): readonly unknown[] => {
  const present = value ?? schema.default;
  return Array.isArray(present) ? present : [];
};

/** A list that is as usual when it is empty and nothing is usual. */
const listOrNothing = (next: readonly unknown[], { schema, isRequired }: FieldProps["property"]) =>
  next.length === 0 && schema.default === undefined && !isRequired ? undefined : next;

/** Texts or numbers, one a line. */
export function LinesField({ property, place, value, onChange }: FieldProps) {
  const { problems, root, isPartial } = useForm();
  const { schema } = property;
  const items = resolved(schema.items, root);
  const present = listOf(value, schema);
  const [draft, setDraft] = useState<string>();
  const most = schema.maxItems === undefined ? "" : text.atMostLines(count(schema.maxItems));
  const example = schema.examples?.[0];
  const isDraft = draft !== undefined && isSame(linesOf(draft, items), present);
  const lines = isDraft ? draft : present.map(shown).join("\n");
  return (
    <TextArea
      label={labelOf(property)}
      hint={hintOf(schema, text.onePerLine, most)}
      error={problemWithin(problems, place)}
      required={property.isRequired && !isPartial && (schema.minItems ?? 0) > 0}
      rows={Math.min(10, Math.max(3, lines.split("\n").length))}
      placeholder={Array.isArray(example) ? example.map(shown).join("\n") : undefined}
      spellCheck={false}
      value={lines}
      onChange={(event) => {
        setDraft(event.target.value);
        onChange(listOrNothing(linesOf(event.target.value, items), property));
      }}
    />
  );
}

/** Any of a few values. */
export function ChoicesField({ choices, ...props }: FieldProps & { choices: readonly ValueChoice[] }) {
  const { property, place, value, onChange } = props;
  const { problems } = useForm();
  const ticked = listOf(value, property.schema);
  const isTicked = (one: unknown) => ticked.some((other) => isSame(one, other));
  const toggle = (one: unknown) => {
    const next = isTicked(one) ? ticked.filter((other) => !isSame(one, other)) : [...ticked, one];
    onChange(listOrNothing(next, property));
  };
  return (
    <Part title={labelOf(property)} hint={hintOf(property.schema)} error={problemWithin(problems, place)}>
      {choices.map((choice) => (
        <Checkbox
          key={choice.label}
          label={choice.label}
          checked={isTicked(choice.value)}
          onChange={() => toggle(choice.value)}
        />
      ))}
    </Part>
  );
}

/** Objects one after another, such as rules. */
export function ObjectsField({ property, place, value, onChange }: FieldProps) {
  const { problems, root } = useForm();
  const { schema } = property;
  const items = resolved(schema.items, root);
  const entries = listOf(value, schema).map((entry) => (isObject(entry) ? entry : {}));
  const change = (next: readonly Config[]) => onChange(listOrNothing(next, property));
  const title = (index: number) =>
    items.title === undefined ? text.entry(count(index + 1)) : `${items.title} ${count(index + 1)}`;
  return (
    <Part title={labelOf(property)} hint={hintOf(schema)} error={problems[place]}>
      {entries.map((entry, index) => (
        <fieldset key={index} className="grid min-w-0 gap-4 rounded-md border border-line p-3 sm:p-4">
          <legend className="px-1 text-sm font-semibold">{title(index)}</legend>
          <ObjectFields
            schema={items}
            place={below(place, index)}
            value={entry}
            onChange={(next) => change(entries.map((one, at) => (at === index ? next : one)))}
          />
          <div className="justify-self-end">
            <Button
              aria-label={text.removeEntry(title(index))}
              onClick={() => change(entries.filter((_, at) => at !== index))}
            >
              {text.removeEntry(title(index))}
            </Button>
          </div>
        </fieldset>
      ))}
      <div>
        <Button disabled={entries.length >= (schema.maxItems ?? Infinity)} onClick={() => change([...entries, {}])}>
          {text.add}
        </Button>
      </div>
    </Part>
  );
}

interface PartProps {
  title: string;
  hint: string | undefined;
  error: string | undefined;
  children: React.ReactNode;
}

/** Fields that belong together under a name. */
export function Part({ title, hint, error, children }: PartProps) {
  const id = useId();
  const notes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <fieldset {...(notes !== "" && { "aria-describedby": notes })} className="grid min-w-0 gap-4 border-s-2 border-line ps-4">
      {/* A legend takes no part in the grid. */}
      <legend className="-ms-4 mb-1 font-semibold">{title}</legend>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {children}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm font-medium text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
