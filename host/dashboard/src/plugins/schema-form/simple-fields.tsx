/** Fields for one value: a text, a number, a choice, a yes or no. */

import { useState } from "react";
import { Checkbox, Field, Select, TextArea } from "../../ui/field";
import { isSame } from "./matches";
import type { Pointer } from "./schema";
import type { Property } from "./shape";
import { text } from "./text";
import { problemWithin } from "./problems";
import { useForm } from "./form";
import { asText, typed } from "./value";
import { errorOf, exampleOf, hintOf, labelOf, shown, type ValueChoice } from "./words";

export interface FieldProps {
  property: Property;
  /** Where the value stands in the configuration. */
  place: Pointer;
  value: unknown;
  /** Undefined takes the value away. */
  onChange: (next: unknown) => void;
}

/** What any field shows beside its input. */
function useNotes({ property, place }: FieldProps, ...hints: string[]) {
  const { problems, isPartial } = useForm();
  const { schema, isRequired } = property;
  return {
    label: labelOf(property),
    hint: hintOf(schema, ...hints),
    error: errorOf(problemWithin(problems, place), schema),
    required: isRequired && !isPartial,
  };
}

const inputTypes: Record<string, "email" | "url" | "date" | "time"> = {
  email: "email",
  "idn-email": "email",
  uri: "url",
  iri: "url",
  date: "date",
  time: "time",
};

export function TextField(props: FieldProps) {
  const { property, value, onChange } = props;
  const { schema } = property;
  const notes = { ...useNotes(props), value: asText(value), placeholder: exampleOf(schema) };
  const bounds = {
    ...(schema.minLength !== undefined && { minLength: schema.minLength }),
    ...(schema.maxLength !== undefined && { maxLength: schema.maxLength }),
  };
  const isAddress = schema["x-widget"] === "url" || schema.format === "uri" || schema.format === "iri";
  if (schema["x-widget"] === "text" || schema["x-widget"] === "textarea") {
    return <TextArea {...notes} {...bounds} onChange={(event) => onChange(event.target.value || undefined)} />;
  }
  return (
    <Field
      {...notes}
      {...bounds}
      // A pattern is the server's to try: an author's could hold up the page.
      type={inputTypes[schema.format ?? ""] ?? "text"}
      {...(isAddress && { inputMode: "url", dir: "ltr" })}
      onChange={(event) => onChange(event.target.value || undefined)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

export function NumberField(props: FieldProps) {
  const { property, value, onChange } = props;
  const { schema } = property;
  const [draft, setDraft] = useState<string>();
  const notes = useNotes(props);
  // What is being written, such as `1.`, stays as it is for as long as it means the same number.
  const isDraft = draft !== undefined && isSame(typed(draft, schema), value);
  return (
    <Field
      {...notes}
      type="number"
      inputMode={schema.type === "integer" ? "numeric" : "decimal"}
      step={schema.multipleOf ?? (schema.type === "integer" ? 1 : "any")}
      {...(schema.minimum !== undefined && { min: schema.minimum })}
      {...(schema.maximum !== undefined && { max: schema.maximum })}
      value={isDraft ? draft : asText(value)}
      placeholder={schema.default === undefined ? exampleOf(schema) : String(schema.default)}
      onChange={(event) => {
        setDraft(event.target.value);
        onChange(typed(event.target.value, schema));
      }}
    />
  );
}

export function ChoiceField({ choices, ...props }: FieldProps & { choices: readonly ValueChoice[] }) {
  const { property, value, onChange } = props;
  const { schema, isRequired } = property;
  const usual = choices.find((choice) => isSame(choice.value, schema.default));
  const notes = useNotes(props);
  const index = choices.findIndex((choice) => isSame(choice.value, value));
  const isUnknown = value !== undefined && index < 0;
  // Where something must be chosen and something is usual, that one is chosen.
  const selected = isUnknown ? "unknown" : index >= 0 ? String(index) : isRequired && usual ? String(choices.indexOf(usual)) : "";
  return (
    <Select
      {...notes}
      value={selected}
      onChange={(event) => onChange(choices[Number(event.target.value || Number.NaN)]?.value)}
    >
      {(!isRequired || usual === undefined) && (
        <option value="">{usual === undefined ? text.emptyChoice : text.usualChoice(usual.label)}</option>
      )}
      {isUnknown && <option value="unknown">{shown(value)}</option>}
      {choices.map(({ label }, place) => (
        <option key={place} value={String(place)}>
          {label}
        </option>
      ))}
    </Select>
  );
}

export function YesNoField(props: FieldProps) {
  const { property, value, onChange } = props;
  const { required: _, ...notes } = useNotes(props);
  return (
    <Checkbox
      {...notes}
      checked={(value ?? property.schema.default) === true}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

/** For what no other field is made for. */
export function JsonField(props: FieldProps) {
  const { value, onChange } = props;
  const notes = useNotes(props, text.json);
  const [draft, setDraft] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  return (
    <TextArea
      {...notes}
      dir="ltr"
      className="font-mono"
      spellCheck={false}
      rows={Math.min(12, Math.max(3, draft.split("\n").length))}
      value={draft}
      onChange={({ target }) => {
        setDraft(target.value);
        const read = readJson(target.value);
        target.setCustomValidity(read.isRead ? "" : text.jsonMalformed);
        if (read.isRead) onChange(read.value);
      }}
    />
  );
}

function readJson(written: string): { isRead: boolean; value?: unknown } {
  if (written.trim() === "") return { isRead: true };
  try {
    return { isRead: true, value: JSON.parse(written) as unknown };
  } catch {
    return { isRead: false };
  }
}
