import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { pluginsQuery, useAddDestination, type ConfigProperty, type Plugin } from "../api/queries";
import { text } from "../text/text";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { ErrorNote } from "../ui/error-note";
import { Field, Select } from "../ui/field";

/** The name under which every bundled plugin knows the pasted key. */
const KEY_SECRET = "stream-key";

/** Picks a platform among the installed plugins and asks for what its configuration schema names. */
export function AddDestination({ sourceId, onClose }: { sourceId: string; onClose: () => void }) {
  const plugins = useQuery(pluginsQuery);
  const [picked, setPicked] = useState<string>();
  const add = useAddDestination(sourceId);
  const choices = plugins.data?.filter(({ kind }) => kind === "destination") ?? [];
  const plugin = choices.find(({ id }) => id === picked) ?? choices[0];

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (plugin === undefined) return;
    const fields = new FormData(event.currentTarget);
    const name = read(fields, "name");
    await add.mutateAsync({
      plugin: plugin.id,
      ...(name !== "" && { name }),
      config: readConfig(plugin, fields),
      secrets: { [KEY_SECRET]: read(fields, KEY_SECRET) },
    });
    onClose();
  };

  return (
    <Dialog title={text.destinations.addTitle} onClose={onClose}>
      <form onSubmit={(event) => void submit(event).catch(() => undefined)} className="grid gap-5">
        <ErrorNote error={plugins.error} />
        <Select
          label={text.destinations.platform}
          value={plugin?.id ?? ""}
          onChange={(event) => setPicked(event.target.value)}
          autoFocus
        >
          {choices.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        {plugin !== undefined && <PluginFields key={plugin.id} plugin={plugin} />}
        <Field label={text.destinations.name} hint={text.destinations.nameHint} name="name" maxLength={100} />
        <ErrorNote error={add.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button look="primary" type="submit" disabled={add.isPending || plugin === undefined}>
            {text.destinations.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function PluginFields({ plugin }: { plugin: Plugin }) {
  const required = plugin.config_schema?.required ?? [];
  return (
    <>
      <p className="-mt-2 text-sm text-muted">{plugin.description}</p>
      {properties(plugin).map(([name, property]) => (
        <Field
          key={name}
          label={property.title ?? name}
          hint={property.description}
          name={`config.${name}`}
          placeholder={property.examples?.[0]}
          required={required.includes(name)}
          autoComplete="off"
          spellCheck={false}
        />
      ))}
      <Field
        label={text.destinations.streamKey}
        hint={text.destinations.streamKeyHint}
        name={KEY_SECRET}
        type="password"
        autoComplete="off"
        required
      />
      {plugin.permissions !== undefined && plugin.permissions.length > 0 && (
        <details className="text-sm">
          <summary className="w-fit rounded-md text-muted">{text.destinations.permissions}</summary>
          <ul className="mt-2 grid list-disc gap-1 pl-5">
            {plugin.permissions.map((permission) => (
              <li key={permission}>{permission}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function properties({ config_schema }: Plugin): [string, ConfigProperty][] {
  return Object.entries(config_schema?.properties ?? {});
}

/** The filled fields, as the types of the schema want them; empty ones are left out. */
function readConfig(plugin: Plugin, fields: FormData): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [name, { type }] of properties(plugin)) {
    const value = read(fields, `config.${name}`);
    if (value !== "") config[name] = typed(value, type);
  }
  return config;
}

function typed(value: string, type: string | undefined): unknown {
  if (type === "number" || type === "integer") return Number(value);
  return type === "boolean" ? value === "true" : value;
}

function read(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value.trim() : "";
}
