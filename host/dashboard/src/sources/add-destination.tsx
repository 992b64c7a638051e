import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useAddDestination } from "../live/streams";
import { pluginsQuery } from "../plugins/queries";
import type { Plugin } from "../api/types";
import { PluginFields, readPluginInput } from "../plugins/plugin-form";
import { text as common } from "../ui/text";
import { text } from "./text";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { ErrorNote } from "../ui/error-note";
import { Field, Select } from "../ui/field";

/** Picks a platform among the plugins and asks for what that one needs. */
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
    const name = String(fields.get("name") ?? "").trim();
    const input = readPluginInput(plugin, fields);
    await add.mutateAsync({ plugin: plugin.id, ...(name !== "" && { name }), ...input });
    onClose();
  };

  return (
    <Dialog title={text.destinations.addTitle} onClose={onClose}>
      <form onSubmit={(event) => void submit(event).catch(() => undefined)} className="grid gap-5">
        <ErrorNote error={plugins.error} />
        <Select
          label={text.destinations.platform}
          hint={plugin?.description}
          value={plugin?.id ?? ""}
          onChange={(event) => {
            setPicked(event.target.value);
            add.reset();
          }}
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
        {plugin !== undefined && <Permissions plugin={plugin} />}
        <ErrorNote error={add.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="primary" type="submit" disabled={add.isPending || plugin === undefined}>
            {text.destinations.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The permission sheet: everything that the sandbox lets the plugin do. */
function Permissions({ plugin: { permissions, version, publisher } }: { plugin: Plugin }) {
  if (permissions.length === 0) return null;
  return (
    <details className="text-sm">
      <summary className="w-fit rounded-md text-muted">{text.destinations.permissions}</summary>
      <ul className="mt-2 grid list-disc gap-2 pl-5">
        {permissions.map(({ summary, reason }) => (
          <li key={summary}>
            {summary}
            {reason !== "" && <span className="block text-muted">{reason}</span>}
          </li>
        ))}
      </ul>
      <p className="mt-2 text-muted">
        {publisher}, {version}
      </p>
    </details>
  );
}
