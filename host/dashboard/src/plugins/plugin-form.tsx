/** A form for the configuration and the secrets of any plugin, made from its JSON Schema and its manifest. */

import type { ConfigProperty, Plugin } from "../api/types";
import { text } from "../sources/text";
import { Field, Select } from "../ui/field";

type Named = [name: string, property: ConfigProperty];

/** What the form sends. */
export interface PluginInput {
  config: Record<string, unknown>;
  secrets: Record<string, string>;
}

export function PluginFields({ plugin }: { plugin: Plugin }) {
  const required = plugin.config_schema.required ?? [];
  const isAdvanced = ([name, property]: Named) =>
    property["x-group"] === "advanced" && !required.includes(name);
  const properties = propertiesOf(plugin);
  const advanced = properties.filter(isAdvanced);
  const field = ([name, property]: Named) => (
    <ConfigField key={name} name={name} property={property} isRequired={required.includes(name)} />
  );
  return (
    <>
      {properties.filter((property) => !isAdvanced(property)).map(field)}
      {pastedSecrets(plugin).map(({ name, label, required }) => (
        <Field
          key={name}
          label={label}
          hint={text.destinations.secretHint}
          name={`secret.${name}`}
          type="password"
          autoComplete="off"
          required={required}
        />
      ))}
      {advanced.length > 0 && (
        <details className="text-sm">
          <summary className="w-fit rounded-md text-muted">{text.destinations.advanced}</summary>
          <div className="mt-3 grid gap-5">{advanced.map(field)}</div>
        </details>
      )}
    </>
  );
}

/** The others come by consent at the platform. */
function pastedSecrets(plugin: Plugin) {
  return plugin.secrets.filter(({ kind }) => kind !== "oauth2");
}

interface ConfigFieldProps {
  name: string;
  property: ConfigProperty;
  isRequired: boolean;
}

function ConfigField({ name, property, isRequired }: ConfigFieldProps) {
  const label = property.title ?? name;
  const choices = property.type === "boolean" ? [true, false] : property.enum;
  if (choices !== undefined) {
    return (
      <Select label={label} name={`config.${name}`} required={isRequired} hint={property.description}>
        {!isRequired && <option value="">{text.destinations.usual}</option>}
        {choices.map((choice) => (
          <option key={String(choice)} value={String(choice)}>
            {nameOf(choice)}
          </option>
        ))}
      </Select>
    );
  }
  const example = property.examples?.[0];
  return (
    <Field
      label={label}
      hint={property.description}
      name={`config.${name}`}
      placeholder={example === undefined ? undefined : String(example)}
      inputMode={property["x-widget"] === "url" ? "url" : isNumber(property) ? "numeric" : "text"}
      required={isRequired}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

/** Reads the filled fields; configuration gets the types of the schema, empty fields are left out. */
export function readPluginInput(plugin: Plugin, fields: FormData): PluginInput {
  const input: PluginInput = { config: {}, secrets: {} };
  for (const [name, property] of propertiesOf(plugin)) {
    const value = read(fields, `config.${name}`);
    if (value !== "") input.config[name] = typed(value, property);
  }
  for (const { name } of pastedSecrets(plugin)) {
    const value = read(fields, `secret.${name}`);
    if (value !== "") input.secrets[name] = value;
  }
  return input;
}

function propertiesOf(plugin: Plugin): Named[] {
  return Object.entries(plugin.config_schema.properties ?? {});
}

function typed(value: string, property: ConfigProperty): unknown {
  const choice = property.enum?.find((choice) => String(choice) === value);
  if (choice !== undefined) return choice;
  if (property.type === "boolean") return value === "true";
  // What is no number is sent as it is: the server says what is wrong with it.
  return isNumber(property) && !Number.isNaN(Number(value)) ? Number(value) : value;
}

function isNumber({ type }: ConfigProperty): boolean {
  return type === "number" || type === "integer";
}

function nameOf(choice: unknown): string {
  if (typeof choice === "boolean") return choice ? text.destinations.yes : text.destinations.no;
  return String(choice);
}

function read(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value.trim() : "";
}
