import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { SecretConnectionBody } from "../../../generated/schema";
import { CopyField } from "../../ui/copy-field";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Form, secretOf, textOf } from "../../ui/form";
import { Loaded } from "../../ui/loading";
import { connectionsQuery } from "../queries";
import { text } from "./text";

/** By which clients platforms know this organisation; the server's own are not among them. */
const clientsQuery = queryOptions({
  queryKey: ["oauth-clients"],
  queryFn: async ({ signal }) => (await call("get", "/api/oauth-clients", { signal })).clients,
});

interface Props {
  /** The plugin's id. */
  plugin: string;
  connection: Pick<SecretConnectionBody, "secret" | "redirect_uri">;
  /** It is registered: connecting may be tried. What it throws is shown. */
  onDone: () => unknown;
}

/** Tells the server how the platform knows it: what a developer's page of the platform gives for an app. */
export function OauthClient({ plugin, connection: { secret, redirect_uri }, onDone }: Props) {
  const client = useQueryClient();
  const { data: clients } = useQuery(clientsQuery);
  const present = clients?.find((one) => one.plugin === plugin && one.secret === secret);
  const [namespace = "", name = ""] = plugin.split("/");
  const send = async (fields: FormData) => {
    await call("put", "/api/oauth-clients/{namespace}/{name}/{secret}", {
      parameters: { namespace, name, secret },
      body: { client_id: textOf(fields, "client_id"), client_secret: secretOf(fields, "client_secret").trim() },
    });
    await client.invalidateQueries({ queryKey: clientsQuery.queryKey });
    await onDone();
  };
  return (
    <div className="grid gap-4">
      <p className="text-sm text-muted">{text.client.intro}</p>
      <CopyField label={text.client.redirect} value={redirect_uri} />
      {present !== undefined && <CopyField label={text.client.present} value={present.client_id} />}
      <Form submitLabel={text.client.save} send={send}>
        {(problems) => (
          <>
            <Field
              label={text.client.id}
              name="client_id"
              required
              autoComplete="off"
              spellCheck={false}
              dir="ltr"
              error={problems["client_id"]}
            />
            <Field
              label={text.client.secret}
              hint={text.client.secretHint}
              name="client_secret"
              type="password"
              required
              autoComplete="new-password"
              dir="ltr"
              error={problems["client_secret"]}
            />
          </>
        )}
      </Form>
    </div>
  );
}

interface DialogProps extends Pick<Props, "plugin" | "onDone"> {
  /** The installation whose account is to be connected. */
  installation: string;
  /** The name of the secret that the account stands for. */
  secret: string;
  onClose: () => void;
}

/** The same over a page that knows only the installation. */
export function OauthClientDialog({ plugin, installation, secret, onDone, onClose }: DialogProps) {
  const query = useQuery(connectionsQuery(installation));
  return (
    <Dialog title={text.client.title} onClose={onClose}>
      <Loaded query={query}>
        {(connections) => {
          const connection = connections.find((one) => one.secret === secret);
          return connection !== undefined && <OauthClient plugin={plugin} connection={connection} onDone={onDone} />;
        }}
      </Loaded>
    </Dialog>
  );
}
