import { useQueries, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ApiError } from "../api/client";
import { useIsAtLeast } from "../api/standing";
import type { Plugin } from "../api/types";
import { streamsQuery } from "../live/streams";
import { lacksClient, Trouble, whyNotConnected } from "../plugins/consent/outcome";
import { useWayBack } from "../plugins/consent/way-back";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { Choice } from "../ui/field";
import { Loading } from "../ui/loading";
import { Tally } from "../ui/tally";
import type { InstallationBody, SecretConnectionBody } from "../../generated/schema";
import { connectAccount, connectionsQuery, install, installationsQuery } from "./queries";
import { text } from "./form/text";

// Done once in the life of an organisation, if at all.
const OauthClientDialog = lazy(() =>
  import("../plugins/installation/oauth-client").then(({ OauthClientDialog }) => ({ default: OauthClientDialog })),
);

/** An installation of the plugin, which holds one account, and how that is doing. */
export interface Account {
  installation: string;
  label: string;
  state: string;
  secret: string;
}

/** Pasting a key in the place of an account. */
export const WITH_KEY = "with-key";

/** The accounts of a plugin; undefined until they are known, empty for a plugin that takes none. */
export function useAccounts(plugin: Plugin | undefined): { accounts: Account[] | undefined; error: unknown } {
  const secret = plugin?.secrets.find(({ kind }) => kind === "oauth2")?.name;
  const installations = useQuery({ ...installationsQuery, enabled: secret !== undefined });
  const own = installations.data?.filter(({ plugin: id }) => id === plugin?.id) ?? [];
  const connections = useQueries({ queries: own.map(({ id }) => connectionsQuery(id)) });
  const error = installations.error ?? connections.find(({ error }) => error !== null)?.error;
  if (secret === undefined) return { accounts: [], error: undefined };
  if (installations.data === undefined || connections.some(({ data }) => data === undefined)) {
    return { accounts: undefined, error };
  }
  return { accounts: own.flatMap((one, place) => accountOf(one, connections[place]?.data, secret, place)), error };
}

function accountOf(
  { id, name, plugin_name }: InstallationBody,
  connections: SecretConnectionBody[] | undefined,
  secret: string,
  place: number,
): Account[] {
  const connection = connections?.find((one) => one.secret === secret);
  if (connection === undefined) return [];
  const label = name === "" ? text.form.accountUnnamed(plugin_name, place + 1) : name;
  return [{ installation: id, label, state: connection.state, secret }];
}

/** Those that were connected once; the others are installations for pasted keys, or were begun and left. */
const isAccount = ({ state }: Account) => state !== "not-connected";

/** An installation for a destination with a pasted key: one with an account would use that. */
export const withoutAccount = (accounts: readonly Account[]) => accounts.find((account) => !isAccount(account));

/** What is chosen where nobody has chosen: `wanted` where it is an account, else the first account, else a key. */
export function firstChoice(plugin: Plugin, accounts: readonly Account[], wanted: string | undefined): string {
  const known = accounts.filter(isAccount);
  if (wanted !== undefined && known.some(({ installation }) => installation === wanted)) return wanted;
  const canPaste = plugin.secrets.some(({ kind }) => kind !== "oauth2");
  return (wanted === undefined ? known[0]?.installation : undefined) ?? (canPaste ? WITH_KEY : "");
}

interface Props {
  plugin: Plugin;
  accounts: readonly Account[];
  /** An installation, or `WITH_KEY`. */
  value: string;
  onChange: (value: string) => void;
  /** Where the platform sends people back to. */
  returnTo: string;
  /** The page is about to be left for the platform. */
  onLeave: () => void;
}

/** Which account of the platform is used, and the way to connect one. */
export function AccountChoice({ plugin, accounts, value, onChange, ...leaving }: Props) {
  const back = useWayBack();
  const mayConnect = useIsAtLeast("admin");
  const streams = useQuery(streamsQuery);
  const known = accounts.filter(isAccount);
  const chosen = known.find(({ installation }) => installation === value);
  const canPaste = plugin.secrets.some(({ kind }) => kind !== "oauth2");
  const secret = plugin.secrets.find(({ kind }) => kind === "oauth2");
  const options = [
    ...known.map(({ installation, label, state }) => ({ value: installation, label, hint: <State state={state} /> })),
    ...(canPaste ? [{ value: WITH_KEY, label: text.form.withKey, hint: text.form.withKeyHint }] : []),
  ];
  // An installation that destinations use with their own keys must not be given an account.
  const used = new Set(streams.data?.flatMap(({ destinations }) => destinations.map((one) => one.installation_id)));
  // Whoever comes back because of it cannot be sent there again before it is mended.
  const unknown = back.code === "oauth-client-refused" ? back.installation : undefined;
  const spare = accounts.find((account) => !isAccount(account) && !used.has(account.installation));
  return (
    <div className="grid gap-3">
      {known.length > 0 && (
        <Choice label={text.form.account} name="account" options={options} value={value} onChange={onChange} />
      )}
      <p className="text-sm text-muted">{text.form.accountHint}</p>
      {mayConnect ? (
        <div className="flex flex-wrap gap-2">
          {chosen?.state === "consent-needed" && (
            <ConnectButton plugin={plugin} account={chosen} {...leaving} label={text.form.connectAgain} />
          )}
          <ConnectButton
            plugin={plugin}
            account={spare}
            {...leaving}
            label={known.length > 0 ? text.form.another : text.form.connect(secret?.label ?? plugin.name)}
          />
          {unknown !== undefined && <RegisterButton plugin={plugin} installation={unknown} {...leaving} />}
        </div>
      ) : (
        <p className="text-sm">{text.form.onlyAdmins}</p>
      )}
    </div>
  );
}

function State({ state }: { state: string }) {
  if (state === "connected") return <Tally state={state} tone="good">{text.form.connected}</Tally>;
  if (state === "consent-needed") return <Tally state={state} tone="bad">{text.form.consentNeeded}</Tally>;
  return <Tally state={state} tone="quiet">{text.form.notConnected}</Tally>;
}

interface ConnectProps extends Pick<Props, "plugin" | "returnTo" | "onLeave"> {
  /** Undefined where an installation has to be made for it. */
  account: Account | undefined;
  label: string;
}

function ConnectButton({ plugin, account, label, ...leaving }: ConnectProps) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  // One that was made for an account, and still waits for it.
  const [made, setMade] = useState<string>();
  const installation = account?.installation ?? made;
  const connect = async () => {
    setIsBusy(true);
    setError(undefined);
    try {
      const id = installation ?? (await install(plugin));
      setMade(id);
      await leave(plugin, id, leaving);
    } catch (cause) {
      setError(cause);
      setIsBusy(false);
    }
  };
  const why = error instanceof ApiError ? whyNotConnected(error.code) : undefined;
  return (
    <div className="grid gap-2">
      <Button isBusy={isBusy} onClick={() => void connect()} className="justify-self-start">
        {label}
      </Button>
      {isBusy && (
        <p role="status" className="text-sm text-muted">
          {text.form.connecting}
        </p>
      )}
      {why === undefined ? <ErrorNote error={error} /> : <Trouble>{why}</Trouble>}
      {lacksClient(error) && installation !== undefined && (
        <RegisterButton plugin={plugin} installation={installation} {...leaving} />
      )}
    </div>
  );
}

type Leaving = Pick<Props, "returnTo" | "onLeave">;

/** Leaves for the platform, so that the installation gets an account there. */
async function leave({ secrets }: Plugin, installation: string, { returnTo, onLeave }: Leaving) {
  const secret = secrets.find(({ kind }) => kind === "oauth2");
  if (secret === undefined) return;
  onLeave();
  await connectAccount(installation, secret.name, returnTo);
}

/** Has the platform know this server, and goes on to the consent. */
function RegisterButton({ plugin, installation, ...leaving }: { plugin: Plugin; installation: string } & Leaving) {
  const [isOpen, setIsOpen] = useState(false);
  const secret = plugin.secrets.find(({ kind }) => kind === "oauth2");
  return (
    <>
      <Button className="justify-self-start" onClick={() => setIsOpen(true)}>
        {text.form.register}
      </Button>
      {isOpen && secret !== undefined && (
        <Suspense>
          <OauthClientDialog
            plugin={plugin.id}
            installation={installation}
            secret={secret.name}
            onDone={() => leave(plugin, installation, leaving)}
            onClose={() => setIsOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}

/** Until accounts are known. */
export function AccountsLoading({ error }: { error: unknown }) {
  return error === undefined || error === null ? <Loading lines={2} /> : <ErrorNote error={error} />;
}
