import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import type { Destination, Plugin } from "../api/types";
import { useAddDestination, useUpdateDestination } from "../live/streams";
import { OauthOutcome } from "../plugins/consent/outcome";
import { keepDraft, keptDraft, useWayBack, wayBackTo } from "../plugins/consent/way-back";
import { configToSend, SchemaFields, SecretFields, type Config, type SecretChanges } from "../plugins/schema-form";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { focusOn } from "../ui/focus";
import { Form } from "../ui/form";
import { Loaded } from "../ui/loading";
import { notify } from "../ui/toast";
import { AccountChoice, AccountsLoading, firstChoice, useAccounts, WITH_KEY, withoutAccount, type Account } from "./account-choice";
import { text as destinationWords } from "./destinations/text";
import { text } from "./form/text";
import { MayDo } from "./may-do";
import { PlatformChoice } from "./platform-choice";
import { destinationPluginsQuery, install, installationsQuery } from "./queries";
import { refusedOf } from "./refused";

interface Props {
  sourceId: string;
  /** The one to be changed; a new one where there is none. */
  destination?: Destination;
  /** It is done, or was given up. */
  onDone: () => void;
}

/** Adds or changes a destination: which platform, which account or key, and what its plugin asks for. */
export function DestinationForm({ sourceId, destination, onDone }: Props) {
  const back = useWayBack();
  const [chosen, setChosen] = useState(destination?.plugin ?? back.add);
  const isBack = destination === undefined ? back.add !== undefined : back.edit === destination.id;
  const connected = isBack && back.oauth === "connected" ? back.installation : undefined;
  const plugins = useQuery(destinationPluginsQuery());
  // What had the focus is gone after a step; the next one takes it.
  const [isStepping, setIsStepping] = useState(false);
  const step = (to: string | undefined) => {
    setChosen(to);
    setIsStepping(true);
  };
  const choice = <PlatformChoice onChoose={({ id }) => step(id)} takesFocus={isStepping} />;
  if (chosen === undefined) return choice;
  return (
    <Loaded query={plugins}>
      {(all) => {
        const plugin = all.find(({ id }) => id === chosen);
        if (plugin === undefined) return choice;
        const form = { sourceId, plugin, onDone, ...(destination !== undefined && { destination }) };
        return (
          <div className="grid gap-5">
            {destination === undefined && (
              <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                <p className="font-semibold" tabIndex={-1} ref={isStepping ? focusOn : undefined}>
                  {plugin.name}
                </p>
                <Button look="plain" onClick={() => step(undefined)}>
                  {text.form.change}
                </Button>
              </div>
            )}
            <OauthOutcome />
            <WithAccounts key={plugin.id} {...form} wanted={connected ?? destination?.installation_id ?? back.installation} />
          </div>
        );
      }}
    </Loaded>
  );
}

interface FormProps {
  sourceId: string;
  plugin: Plugin;
  destination?: Destination;
  onDone: () => void;
}

/** Waits for the accounts: which one is chosen at first depends on them. */
function WithAccounts({ wanted, ...form }: FormProps & { wanted: string | undefined }) {
  const { accounts, error } = useAccounts(form.plugin);
  if (accounts === undefined) return <AccountsLoading error={error} />;
  return <Fields {...form} accounts={accounts} firstAccount={firstChoice(form.plugin, accounts, wanted)} />;
}

interface FieldsProps extends FormProps {
  accounts: readonly Account[];
  firstAccount: string;
}

function Fields({ sourceId, plugin, destination, accounts, firstAccount, onDone }: FieldsProps) {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const returnTo = wayBackTo(path, destination === undefined ? { add: plugin.id } : { edit: destination.id });
  const { oauth } = useWayBack();
  const [draft] = useState(() => (oauth === undefined ? undefined : keptDraft(returnTo)));
  const client = useQueryClient();
  // Where no account was connected, it stays with what was chosen.
  const [account, setAccount] = useState((oauth === "failed" && draft?.account) || firstAccount);
  const [name, setName] = useState(draft?.name ?? destination?.name ?? "");
  const [config, setConfig] = useState<Config>(draft?.config ?? destination?.config ?? {});
  const [secrets, setSecrets] = useState<SecretChanges>({});
  const [error, setError] = useState<unknown>();
  const save = useSave(sourceId, destination);
  const secretNames = plugin.secrets.map(({ name }) => name);
  const refused = refusedOf(error, secretNames);
  const isWithKey = account === WITH_KEY;

  const send = async () => {
    setError(undefined);
    const given = name.trim();
    try {
      await save({
        ...(await runner(plugin, accounts, account)),
        name: given,
        config: configToSend(plugin.config_schema, config),
        secrets: isWithKey ? secrets : {},
      });
    } catch (cause) {
      setError(cause);
      // What stands at its field is not said twice.
      if (refusedOf(cause, secretNames).rest === undefined) return;
      throw cause;
    } finally {
      void client.invalidateQueries({ queryKey: installationsQuery.queryKey });
    }
    notify((destination === undefined ? destinationWords.destinations.added : destinationWords.destinations.changed)(given || plugin.name));
    onDone();
  };

  const settings = (
    <SchemaFields
      key="settings"
      schema={plugin.config_schema}
      value={config}
      onChange={setConfig}
      problems={refused.config}
    />
  );
  const keys = isWithKey && (
    <SecretFields
      key="keys"
      secrets={neededSecrets(plugin)}
      stored={Object.keys(destination?.secrets ?? {})}
      value={secrets}
      onChange={setSecrets}
      problems={refused.secrets}
    />
  );
  return (
    <Form send={send} submitLabel={destination === undefined ? destinationWords.destinations.add : text.form.save} onCancel={onDone}>
      {takesAccounts(plugin) && (
        <AccountChoice
          plugin={plugin}
          accounts={accounts}
          value={account}
          onChange={setAccount}
          returnTo={returnTo}
          onLeave={() => keepDraft(returnTo, { name, account, config })}
        />
      )}
      {/* What is asked of everybody comes before what is folded away. */}
      {isAdvanced(plugin) ? [keys, settings] : [settings, keys]}
      <Field
        label={text.form.name}
        hint={text.form.nameHint}
        name="name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={100}
      />
      <MayDo plugin={plugin} />
    </Form>
  );
}

/** Whether the settings are only such that most never need. */
const isAdvanced = ({ config_schema: { properties = {}, required = [] } }: Plugin) =>
  Object.entries(properties).every(([name, one]) => one["x-group"] === "advanced" && !required.includes(name));

/** A key that stands in the place of an account is needed, though the plugin could do without either. */
const neededSecrets = (plugin: Plugin) => {
  const pasted = plugin.secrets.filter(({ kind }) => kind !== "oauth2");
  const isOnly = takesAccounts(plugin) && pasted.length === 1;
  return isOnly ? pasted.map((secret) => ({ ...secret, required: true })) : pasted;
};

const takesAccounts = ({ secrets }: Plugin) => secrets.some(({ kind }) => kind === "oauth2");

/** What prepares the destination: the installation with the account, one without any, or whichever there is. */
async function runner(plugin: Plugin, accounts: readonly Account[], account: string): Promise<Runner> {
  if (!takesAccounts(plugin) || account === "" || accounts.length === 0) return { plugin: plugin.id };
  if (account !== WITH_KEY) return { installation_id: account };
  return { installation_id: withoutAccount(accounts)?.installation ?? (await install(plugin)) };
}

type Runner = { plugin: string } | { installation_id: string };

type Saved = Runner & { name: string; config: Record<string, unknown>; secrets: SecretChanges };

function useSave(sourceId: string, destination: Destination | undefined) {
  const add = useAddDestination(sourceId);
  const update = useUpdateDestination(destination?.id ?? "");
  return async ({ secrets, ...body }: Saved): Promise<unknown> => {
    if (destination !== undefined) {
      // What runs a destination already stays, unless another account was chosen.
      const { name, config } = body;
      const installation = "installation_id" in body ? { installation_id: body.installation_id } : {};
      return update.mutateAsync({ name, config, secrets, ...installation });
    }
    const given = Object.entries(secrets).filter((secret): secret is [string, string] => secret[1] !== null);
    return add.mutateAsync({ ...body, secrets: Object.fromEntries(given) });
  };
}
