import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { InstallationBody, SecretConnectionBody } from "../../../generated/schema";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Loaded } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { Tally, type Tone } from "../../ui/tally";
import { removeWithUndo, useLeaving } from "../../ui/toast";
import { lacksClient, OauthOutcome } from "../consent/outcome";
import { connectionsQuery } from "../queries";
import { OauthClient } from "./oauth-client";
import { text } from "./text";

/** Whether every account of the installation is connected; undefined until that is known. */
export function useIsConnected({ id }: InstallationBody): boolean | undefined {
  const { data } = useQuery(connectionsQuery(id));
  return data?.every(({ state }) => state === "connected");
}

interface Props {
  installation: InstallationBody;
  /** The path that the platform sends people back to. */
  returnTo: string;
}

/** The accounts that a plugin acts for: connect, connect again, disconnect. */
export function Accounts({ installation, returnTo }: Props) {
  const query = useQuery(connectionsQuery(installation.id));
  return (
    <div className="grid gap-4">
      <OauthOutcome />
      <Loaded query={query} lines={2}>
        {(connections) => (
          <ul className="grid gap-3">
            {connections.map((connection) => (
              <Account key={connection.secret} installation={installation} connection={connection} returnTo={returnTo} />
            ))}
          </ul>
        )}
      </Loaded>
    </div>
  );
}

const tones: Record<string, Tone> = { connected: "good", "consent-needed": "bad" };

interface AccountProps extends Props {
  connection: SecretConnectionBody;
}

function Account({ installation, connection, returnTo }: AccountProps) {
  const client = useQueryClient();
  const mayChange = useIsAtLeast("admin");
  const [isRegistering, setIsRegistering] = useState(false);
  const parameters = { id: installation.id, name: connection.secret };
  const connect = useMutation({
    mutationFn: async () => {
      const { authorize_url } = await call("post", "/api/installations/{id}/secrets/{name}/authorize", {
        parameters,
        body: { return_to: returnTo },
      });
      location.assign(authorize_url);
    },
  });
  const key = `account ${installation.id} ${connection.secret}`;
  const isLeaving = useLeaving().has(key);
  const state = isLeaving ? "not-connected" : connection.state;
  const disconnect = () =>
    removeWithUndo(key, {
      message: text.accounts.disconnected(connection.label),
      commit: async ({ keepalive }) => {
        await call("delete", "/api/installations/{id}/secrets/{name}", { parameters, keepalive });
        await client.invalidateQueries({ queryKey: ["installations"] });
      },
    });
  return (
    <li className="grid gap-2 rounded-md border border-line p-3 sm:p-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="grid gap-1">
          <p className="font-semibold">{connection.label}</p>
          <Tally state={state} tone={tones[state] ?? "quiet"}>
            {text.accounts.states[state] ?? state}
          </Tally>
        </div>
        {mayChange && (
          <div className="flex flex-wrap gap-2">
            <Button look="plain" aria-expanded={isRegistering} onClick={() => setIsRegistering(!isRegistering)}>
              {text.client.open}
            </Button>
            {state !== "not-connected" && (
              <Button onClick={disconnect} aria-label={text.accounts.disconnectOf(connection.label)}>
                {text.accounts.disconnect}
              </Button>
            )}
            {state !== "connected" && (
              <Button look="primary" isBusy={connect.isPending} onClick={() => connect.mutate()}>
                {state === "consent-needed" ? text.accounts.connectAgain : text.accounts.connect(connection.label)}
              </Button>
            )}
          </div>
        )}
      </div>
      {state === "connected" && connection.renewed_at != null && (
        <p className="text-sm text-muted">
          {text.accounts.renewed} <Moment at={connection.renewed_at} />
        </p>
      )}
      {connection.missing_scopes.length > 0 && state === "consent-needed" && (
        <p className="text-sm">{text.accounts.moreAsked}</p>
      )}
      <ErrorNote error={connect.error} />
      {(isRegistering || lacksClient(connect.error)) && (
        <div className="grid gap-3 border-s-2 border-line ps-4">
          <p className="font-semibold">{text.client.title}</p>
          <OauthClient plugin={installation.plugin} connection={connection} onDone={() => connect.mutate()} />
        </div>
      )}
    </li>
  );
}
