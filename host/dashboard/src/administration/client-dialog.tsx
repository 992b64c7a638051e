import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { CopyField } from "../ui/copy-field";
import { Dialog } from "../ui/dialog";
import { Field, Select } from "../ui/field";
import { Form, secretOf, textOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { notify } from "../ui/toast";
import type { ClientShownBody, PluginBody } from "../../generated/schema";
import { clientsQuery } from "./queries";
import { text } from "./text";

const MAX_BYTES = 1024;

/** Plugins of which a secret comes by consent. */
const consentingQuery = queryOptions({
  queryKey: ["admin", "consenting-plugins"],
  queryFn: async () => {
    const { plugins } = await call("get", "/api/plugins");
    return plugins.filter(({ secrets }) => secrets.some(({ kind }) => kind === "oauth2"));
  },
});

interface Props {
  /** The client that is replaced; undefined for a new one. */
  client: ClientShownBody | undefined;
  /** What addresses to return to begin with. */
  redirectBase: string;
  onClose: () => void;
}

/** Sets the OAuth client of the host for one secret of a plugin. */
export function ClientDialog({ client, redirectBase, onClose }: Props) {
  const plugins = useQuery(consentingQuery);
  return (
    <Dialog title={text.settings.clientTitle} intro={text.settings.clientIntro} onClose={onClose}>
      {client !== undefined ? (
        <ClientForm
          places={[{ plugin: client.plugin, secret: client.secret }]}
          redirectBase={redirectBase}
          clientId={client.client_id}
          onClose={onClose}
        />
      ) : (
        <Loaded query={plugins}>
          {(found) =>
            found.length === 0 ? (
              <p>{text.settings.noPlugins}</p>
            ) : (
              <ClientForm places={found.flatMap(placesOf)} redirectBase={redirectBase} clientId="" onClose={onClose} />
            )
          }
        </Loaded>
      )}
    </Dialog>
  );
}

/** A secret of a plugin that comes by consent. */
interface Place {
  plugin: string;
  secret: string;
  label?: string;
}

function placesOf({ id, name, secrets }: PluginBody): Place[] {
  return secrets
    .filter(({ kind }) => kind === "oauth2")
    .map((secret) => ({ plugin: id, secret: secret.name, label: `${name}: ${secret.label}` }));
}

const wordOf = ({ plugin, secret }: Place) => `${plugin}/${secret}`;

interface FormProps {
  places: readonly Place[];
  redirectBase: string;
  clientId: string;
  onClose: () => void;
}

function ClientForm({ places, redirectBase, clientId, onClose }: FormProps) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(places.map(wordOf)[0]);
  const send = async (fields: FormData) => {
    const [namespace = "", name = "", secret = ""] = textOf(fields, "place").split("/");
    await call("put", "/api/admin/oauth-clients/{namespace}/{name}/{secret}", {
      parameters: { namespace, name, secret },
      body: { client_id: textOf(fields, "client_id"), client_secret: secretOf(fields, "client_secret") },
    });
    notify(text.settings.clientSaved(`${namespace}/${name}`));
    onClose();
    await queries.invalidateQueries({ queryKey: clientsQuery.queryKey });
  };
  return (
    <Form send={send} submitLabel={text.settings.addClient} onCancel={onClose}>
      {(problems) => (
        <>
          <Select
            label={text.settings.plugin}
            name="place"
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
          >
            {places.map((place) => (
              <option key={wordOf(place)} value={wordOf(place)}>
                {place.label ?? wordOf(place)}
              </option>
            ))}
          </Select>
          {/* The provider asks for it before it gives the id and the secret. */}
          <CopyField label={text.settings.redirect} value={`${redirectBase}/${chosen}`} />
          <Field
            label={text.settings.clientId}
            name="client_id"
            dir="ltr"
            autoComplete="off"
            defaultValue={clientId}
            maxLength={MAX_BYTES}
            required
            error={problems["client_id"]}
          />
          <Field
            label={text.settings.clientSecret}
            name="client_secret"
            type="password"
            dir="ltr"
            autoComplete="off"
            maxLength={MAX_BYTES}
            required
            error={problems["client_secret"]}
          />
        </>
      )}
    </Form>
  );
}
