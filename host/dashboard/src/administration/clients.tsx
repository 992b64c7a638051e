import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Empty } from "../ui/empty";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Panel, Section } from "../ui/page";
import { removeWithUndo, useLeaving } from "../ui/toast";
import { text as common } from "../ui/text";
import type { ClientShownBody } from "../../generated/schema";
import { ClientDialog } from "./client-dialog";
import { clientsQuery } from "./queries";
import { text } from "./text";

const keyOf = ({ plugin, secret }: ClientShownBody) => `oauth-client ${plugin} ${secret}`;

/** The OAuth clients of the host, without their secrets. */
export function Clients() {
  const clients = useQuery(clientsQuery);
  const leaving = useLeaving();
  const [setting, setSetting] = useState<{ client?: ClientShownBody }>();
  const add = (
    <Button look="primary" onClick={() => setSetting({})}>
      {text.settings.addClient}
    </Button>
  );
  return (
    <Section title={text.settings.clients} intro={text.settings.clientsIntro} isBare actions={add}>
      <Loaded query={clients}>
        {({ clients: found }) => {
          const shown = found.filter((client) => !leaving.has(keyOf(client)));
          if (shown.length === 0) return <Empty title={text.settings.noClients} hint={text.settings.noClientsHint} />;
          return (
            <ul className="grid gap-3">
              {shown.map((client) => (
                <li key={keyOf(client)}>
                  <Client client={client} onReplace={() => setSetting({ client })} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      {setting !== undefined && clients.data !== undefined && (
        <ClientDialog
          client={setting.client}
          redirectBase={clients.data.redirect_base}
          onClose={() => setSetting(undefined)}
        />
      )}
    </Section>
  );
}

function Client({ client, onReplace }: { client: ClientShownBody; onReplace: () => void }) {
  const queries = useQueryClient();
  const { plugin, secret, client_id, token_url, redirect_uri, updated_at } = client;
  const remove = () =>
    removeWithUndo(keyOf(client), {
      message: text.settings.clientRemoved(plugin),
      commit: async ({ keepalive }) => {
        const [namespace = "", name = ""] = plugin.split("/");
        await call("delete", "/api/admin/oauth-clients/{namespace}/{name}/{secret}", {
          parameters: { namespace, name, secret },
          keepalive,
        });
        await queries.invalidateQueries({ queryKey: clientsQuery.queryKey });
      },
    });
  return (
    <Panel className="grid gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="grid min-w-0 gap-0.5">
          <h3 className="font-semibold wrap-anywhere">
            <span dir="ltr">
              {plugin} · {secret}
            </span>
          </h3>
          <p className="text-sm text-muted wrap-anywhere">
            {text.settings.clientId}: <code dir="ltr">{client_id}</code>
          </p>
          <p className="text-sm text-muted wrap-anywhere">
            {text.settings.tokenUrl}: <code dir="ltr">{token_url}</code>
          </p>
          <p className="text-sm text-muted">
            {text.settings.updated}: <Moment at={updated_at} />
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button onClick={onReplace} aria-label={text.settings.changeClientFor(plugin)}>
            {text.settings.changeClient}
          </Button>
          <Button look="danger" onClick={remove} aria-label={text.settings.removeClientFor(plugin)}>
            {common.remove}
          </Button>
        </div>
      </div>
      <CopyField label={text.settings.redirect} value={redirect_uri} />
    </Panel>
  );
}
