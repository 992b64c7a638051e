import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { Loaded } from "../ui/loading";
import { Panel, Section } from "../ui/page";
import { Switch } from "../ui/switch";
import { notify, notifyError } from "../ui/toast";
import type { SettingsChangeBody } from "../../generated/schema";
import { Clients } from "./clients";
import { platformSettingsQuery } from "./queries";
import { Room } from "./room";
import { text } from "./text";

const SWITCHES = [
  { name: "maintenance_mode", label: text.settings.maintenance, hint: text.settings.maintenanceHint },
  { name: "new_registrations_enabled", label: text.settings.registrations, hint: text.settings.registrationsHint },
] as const;

type Name = (typeof SWITCHES)[number]["name"];

/** What is switched while the server runs. */
export function PlatformSettingsPage() {
  return (
    <Room title={text.settings.title} intro={text.settings.intro}>
      <Section title={text.settings.switches} isBare>
        <Switches />
      </Section>
      <Clients />
    </Room>
  );
}

function Switches() {
  const client = useQueryClient();
  const settings = useQuery(platformSettingsQuery);
  const change = useMutation({
    mutationFn: (body: SettingsChangeBody) => call("put", "/api/admin/settings", { body }),
    onSuccess: ({ settings: after }, body) => {
      client.setQueryData(platformSettingsQuery.queryKey, after);
      SWITCHES.filter(({ name }) => body[name] !== undefined).forEach(({ name, label }) =>
        notify(after[name] ? text.settings.on(label) : text.settings.off(label)),
      );
    },
    onError: notifyError,
  });
  /** What is being switched stands as it will be. */
  const isOn = (name: Name, known: boolean) => (change.isPending ? (change.variables[name] ?? known) : known);
  return (
    <Loaded query={settings}>
      {(known) => (
        <ul className="grid gap-3">
          {SWITCHES.map(({ name, label, hint }) => (
            <li key={name}>
              <Panel className="flex items-start justify-between gap-6">
                <div className="grid gap-0.5">
                  <h3 className="font-semibold">{label}</h3>
                  <p className="max-w-[65ch] text-sm text-muted">{hint}</p>
                </div>
                <Switch
                  label={label}
                  isOn={isOn(name, known[name])}
                  disabled={change.isPending}
                  onChange={(next) => change.mutate({ [name]: next })}
                />
              </Panel>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
