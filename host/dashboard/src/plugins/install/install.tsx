import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { call } from "../../api/client";
import type { PluginBody } from "../../../generated/schema";
import { Actions } from "../../ui/actions";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Field } from "../../ui/field";
import { Page, UpLink } from "../../ui/page";
import { Steps } from "../../ui/steps";
import { AwaitedPage } from "../awaited";
import { PermissionSheet } from "../permission-sheet";
import { pluginQuery } from "../queries";
import { configToSend, problemsOf, SchemaFields, SecretFields, type Config, type SecretChanges } from "../schema-form";
import { text } from "../text";
import { OnFailure } from "./on-failure";

/** From the permission sheet to an installation; what comes after it has a page of its own. */
export function InstallPage() {
  const { namespace, name } = useParams({ from: "/_app/plugins/$namespace/$name/install" });
  const query = useQuery(pluginQuery(`${namespace}/${name}`));
  return (
    <AwaitedPage query={query} title={text.install.title(`${namespace}/${name}`)} up="/plugins">
      {({ plugin }) => (
        <Page
          title={text.install.title(plugin.name)}
          up={<UpLink to={`/plugins/${plugin.id}`}>{plugin.name}</UpLink>}
        >
          <div className="max-w-3xl">
            <Install plugin={plugin} />
          </div>
        </Page>
      )}
    </AwaitedPage>
  );
}

function Install({ plugin }: { plugin: PluginBody }) {
  const all = plugin.permissions.flatMap(({ keys }) => keys);
  const [grant, setGrant] = useState(all);
  const [hasAgreed, setHasAgreed] = useState(false);
  return (
    <Steps
      steps={[
        {
          title: text.install.permissions,
          state: hasAgreed ? "done" : "current",
          children: hasAgreed ? (
            <div>
              <Button onClick={() => setHasAgreed(false)}>{text.install.permissionsAgain}</Button>
            </div>
          ) : (
            <>
              <PermissionSheet
                permissions={plugin.permissions}
                plugin={plugin}
                secrets={plugin.secrets}
                grant={grant}
                onGrant={setGrant}
              />
              {grant.length < all.length && <p className="text-sm font-medium">{text.install.declined}</p>}
              <Actions>
                <Button look="primary" onClick={() => setHasAgreed(true)}>
                  {all.length === 0 ? text.install.goOn : text.install.agree}
                </Button>
              </Actions>
            </>
          ),
        },
        {
          title: text.install.settings,
          state: hasAgreed ? "current" : "coming",
          children: <Settings plugin={plugin} grant={grant} />,
        },
        ...(plugin.secrets.some(({ kind }) => kind === "oauth2")
          ? [{ title: text.install.accounts, state: "coming" as const }]
          : []),
        { title: text.install.test, state: "coming" },
      ]}
    />
  );
}

function Settings({ plugin, grant }: { plugin: PluginBody; grant: string[] }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [config, setConfig] = useState<Config>({});
  const [secrets, setSecrets] = useState<SecretChanges>({});
  const [name, setName] = useState("");
  const [onFailure, setOnFailure] = useState("hold");
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const problems = problemsOf(error);
  const isFilter = plugin.kind === "moderation";
  const isDestination = plugin.kind === "destination";

  const install = async () => {
    const given = Object.entries(secrets).filter((entry): entry is [string, string] => entry[1] !== null);
    const { installation } = await call("post", "/api/installations", {
      body: {
        plugin: plugin.id,
        digest: plugin.digest,
        grant,
        config: configToSend(plugin.config_schema as object, config),
        secrets: Object.fromEntries(given),
        ...(name.trim() !== "" && { name: name.trim() }),
        ...(isFilter && { on_failure: onFailure }),
      },
    });
    void client.invalidateQueries({ queryKey: ["installations"] });
    await navigate({ to: "/plugins/installed/$installationId/finish", params: { installationId: installation.id } });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setError(undefined);
    install()
      .catch(setError)
      .finally(() => setIsBusy(false));
  };

  return (
    <form onSubmit={submit} className="grid gap-5">
      <p className="text-sm text-muted">{isDestination ? text.install.settingsDestination : text.install.settingsHint}</p>
      <SchemaFields
        schema={plugin.config_schema}
        value={config}
        onChange={setConfig}
        problems={problems}
        isPartial={isDestination}
      />
      <SecretFields secrets={plugin.secrets} value={secrets} onChange={setSecrets} isPartial={isDestination} />
      {isFilter && <OnFailure value={onFailure} onChange={setOnFailure} />}
      <Field
        label={text.install.name}
        hint={text.install.nameHint}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {Object.keys(problems).length === 0 && <ErrorNote error={error} />}
      <Actions>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {text.plugin.install}
        </Button>
      </Actions>
    </form>
  );
}
