/** The fields of an object, in their groups; each one by its schema. */

import { below, isObject, resolved, typeOf, type Config, type Pointer, type Schema } from "./schema";
import { ChoicesField, LinesField, ObjectsField, Part } from "./list-fields";
import { ChoiceField, JsonField, NumberField, TextField, YesNoField, type FieldProps } from "./simple-fields";
import { grouped, propertiesOf, type Group } from "./shape";
import { text } from "./text";
import { useForm } from "./form";
import { withValue } from "./value";
import { choicesOf, groupName, hintOf, labelOf } from "./words";

/** Objects within objects are shown so deep; schemas may go on for ever. */
const MAX_DEPTH = 8;

interface Props {
  schema: Schema;
  place: Pointer;
  value: Config;
  onChange: (next: Config) => void;
}

export function ObjectFields({ schema, place, value, onChange }: Props) {
  const { root } = useForm();
  const field = (property: FieldProps["property"]) => (
    <OneField
      key={property.name}
      property={property}
      place={below(place, property.name)}
      value={value[property.name]}
      onChange={(next) => onChange(withValue(value, property.name, next))}
    />
  );
  return grouped(propertiesOf(schema, value, root)).map((group) => (
    <GroupOf key={group.name ?? ""} group={group}>
      {group.properties.map(field)}
    </GroupOf>
  ));
}

function GroupOf({ group: { name, properties }, children }: { group: Group; children: React.ReactNode }) {
  if (name === "advanced") {
    return (
      <details>
        <summary className="min-h-6 w-fit rounded-md text-sm font-semibold text-muted">{text.advanced}</summary>
        <div className="mt-4 grid gap-5">{children}</div>
      </details>
    );
  }
  // One field says what it is by itself.
  if (name === undefined || properties.length === 1) return children;
  return (
    <fieldset className="grid min-w-0 gap-5 border-s-2 border-line ps-4">
      <legend className="mb-3 -ms-4 font-semibold">{groupName(name)}</legend>
      {children}
    </fieldset>
  );
}

function OneField(props: FieldProps) {
  const { root } = useForm();
  const { schema } = props.property;
  // What can be one thing only is not asked for.
  if (schema.const !== undefined || schema.readOnly === true) return null;
  const choices = choicesOf(schema);
  if (choices !== undefined) return <ChoiceField {...props} choices={choices} />;
  switch (typeOf(schema)) {
    case "boolean":
      return <YesNoField {...props} />;
    case "integer":
    case "number":
      return <NumberField {...props} />;
    case "string":
      return <TextField {...props} />;
    case "array":
      return <ListField {...props} items={resolved(schema.items, root)} />;
    case "object":
      return <NestedField {...props} />;
    default:
      return <JsonField {...props} />;
  }
}

function ListField({ items, ...props }: FieldProps & { items: Schema }) {
  const choices = choicesOf(items);
  if (choices !== undefined) return <ChoicesField {...props} choices={choices} />;
  switch (typeOf(items)) {
    case "string":
    case "integer":
    case "number":
      return <LinesField {...props} />;
    case "object":
      return isForm(items) ? <ObjectsField {...props} /> : <JsonField {...props} />;
    default:
      return <JsonField {...props} />;
  }
}

function NestedField(props: FieldProps) {
  const form = useForm();
  const { property, place, value, onChange } = props;
  const { schema, isRequired } = property;
  if (!isForm(schema) || place.split("/").length > MAX_DEPTH) return <JsonField {...props} />;
  const present = isObject(value) ? value : {};
  return (
    <Part title={labelOf({ ...property, isRequired: true })} hint={hintOf(schema)} error={form.problems[place]}>
      <ObjectFields
        // What may be left out as a whole need not be filled in until something of it is.
        schema={isRequired || Object.keys(present).length > 0 ? schema : { ...schema, required: [] }}
        place={place}
        value={present}
        onChange={(next) => onChange(Object.keys(next).length === 0 ? undefined : next)}
      />
    </Part>
  );
}

/** Whether it says which fields it has. */
function isForm(schema: Schema): boolean {
  const { properties, allOf, oneOf, anyOf, if: condition } = schema;
  return [properties, allOf, oneOf, anyOf, condition].some((part) => part !== undefined);
}
