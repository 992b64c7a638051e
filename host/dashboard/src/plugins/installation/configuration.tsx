import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { InstallationBody, PluginSecretBody } from "../../../generated/schema";
import { Actions } from "../../ui/actions";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Field } from "../../ui/field";
import { Form, textOf } from "../../ui/form";
import { Section } from "../../ui/page";
import { text as common } from "../../ui/text";
import { OnFailure } from "../install/on-failure";
import { connectionsQuery, useInstallationChange } from "../queries";
import { configToSend, problemsAt, problemsOf, SchemaFields, SecretFields, type Config, type SecretChanges } from "../schema-form";
import { Accounts } from "./accounts";
import { Hooks } from "./hooks";
import { InstallationFrame } from "./frame";
import { useSecrets } from "./secrets";
import { text } from "./text";

/** Everything that can be set about an installation. */
export function ConfigurationPage() {
  return (
    <InstallationFrame>
      {(installation) => (
        <div className="grid max-w-3xl gap-8">
          <Settings key={installation.digest} installation={installation} />
          <Secrets installation={installation} />
          <AccountsSection installation={installation} />
          {installation.kind === "moderation" && <Judging installation={installation} />}
          {installation.grant.includes("webhook") && <Hooks installation={installation} />}
          <Name installation={installation} />
        </div>
      )}
    </InstallationFrame>
  );
}

function AccountsSection({ installation }: { installation: InstallationBody }) {
  const { data: connections = [] } = useQuery(connectionsQuery(installation.id));
  if (connections.length === 0) return null;
  return (
    <Section title={text.accounts.title} intro={text.accounts.intro}>
      <Accounts installation={installation} returnTo={`/plugins/installed/${installation.id}/configuration`} />
    </Section>
  );
}

function Settings({ installation }: { installation: InstallationBody }) {
  const mayChange = useIsAtLeast("admin");
  const schema = installation.config_schema as object;
  const [config, setConfig] = useState<Config>(installation.config as Config);
  const change = useInstallationChange(
    async () =>
      (
        await call("put", "/api/installations/{id}/config", {
          parameters: { id: installation.id },
          body: configToSend(schema, config),
        })
      ).installation,
    () => common.saved,
  );
  const refused = problemsOf(change.error);
  // Until something is saved: what was found before, such as after an upgrade.
  const problems = change.error === null ? problemsAt(installation.problems) : refused;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(undefined);
  };
  return (
    <Section
      title={text.settings.title}
      intro={installation.kind === "destination" ? text.settings.introDestination : text.settings.intro}
    >
      <form onSubmit={submit} className="grid gap-5">
        <SchemaFields
          schema={schema}
          value={config}
          onChange={setConfig}
          problems={problems}
          isPartial={installation.kind === "destination"}
        />
        {Object.keys(refused).length === 0 && <ErrorNote error={change.error} />}
        {mayChange && (
          <Actions>
            <Button look="primary" type="submit" isBusy={change.isPending}>
              {common.save}
            </Button>
          </Actions>
        )}
      </form>
    </Section>
  );
}

function Secrets({ installation }: { installation: InstallationBody }) {
  const secrets = useSecrets(installation);
  const pasted = secrets?.filter(({ kind }) => kind !== "oauth2") ?? [];
  const mayChange = useIsAtLeast("admin");
  if (pasted.length === 0 || !mayChange) return null;
  return (
    <Section title={text.secrets.title} intro={text.secrets.intro}>
      <SecretsForm
        // What was saved is not to be sent again.
        key={JSON.stringify(installation.secrets)}
        installation={installation}
        secrets={pasted}
      />
    </Section>
  );
}

function SecretsForm({ installation, secrets }: { installation: InstallationBody; secrets: readonly PluginSecretBody[] }) {
  const [changes, setChanges] = useState<SecretChanges>({});
  const change = useInstallationChange(
    async () =>
      (
        await call("put", "/api/installations/{id}/secrets", {
          parameters: { id: installation.id },
          body: { ...changes },
        })
      ).installation,
    () => common.saved,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className="grid gap-5">
      <SecretFields
        secrets={secrets}
        stored={Object.keys(installation.secrets)}
        value={changes}
        onChange={setChanges}
        isPartial={installation.kind === "destination"}
      />
      <ErrorNote error={change.error} />
      <Actions>
        <Button look="primary" type="submit" isBusy={change.isPending} disabled={Object.keys(changes).length === 0}>
          {common.save}
        </Button>
      </Actions>
    </form>
  );
}

type Patch = Parameters<typeof patch>[1];

async function patch(id: string, body: { name?: string; on_failure?: string; position?: number }) {
  return (await call("patch", "/api/installations/{id}", { parameters: { id }, body })).installation;
}

function Judging({ installation }: { installation: InstallationBody }) {
  const mayChange = useIsAtLeast("admin");
  const change = useInstallationChange(
    (body: Patch) => patch(installation.id, body),
    () => common.saved,
  );
  const [onFailure, setOnFailure] = useState<string>(installation.on_failure ?? "hold");
  if (!mayChange) return null;
  return (
    <Section title={text.judging.title}>
      <Form
        submitLabel={common.save}
        send={async (fields) => {
          await change.mutateAsync({ on_failure: onFailure, position: Number(textOf(fields, "position")) });
        }}
      >
        <OnFailure value={onFailure} onChange={setOnFailure} />
        <Field
          label={text.judging.position}
          hint={text.judging.positionHint}
          name="position"
          type="number"
          min={0}
          step={1}
          required
          defaultValue={installation.position ?? 0}
        />
      </Form>
    </Section>
  );
}

function Name({ installation }: { installation: InstallationBody }) {
  const mayChange = useIsAtLeast("admin");
  const change = useInstallationChange(
    (body: Patch) => patch(installation.id, body),
    () => common.saved,
  );
  if (!mayChange) return null;
  return (
    <Section title={text.rename.title}>
      <Form
        submitLabel={common.save}
        send={async (fields) => {
          await change.mutateAsync({ name: textOf(fields, "name") });
        }}
      >
        <Field
          label={text.rename.name}
          hint={text.rename.hint(installation.plugin_name)}
          name="name"
          maxLength={100}
          defaultValue={installation.name}
        />
      </Form>
    </Section>
  );
}
