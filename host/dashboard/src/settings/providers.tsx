import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { call } from "../api/client";
import { Button } from "../ui/button";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Section } from "../ui/page";
import { removeWithUndo, useLeaving } from "../ui/toast";
import type { IdentityBody } from "../../generated/schema";
import { identitiesQuery, providersQuery } from "./queries";
import { text } from "./text";

const Connect = lazy(() => import("./connect").then(({ Connect }) => ({ default: Connect })));

interface Provider {
  name: string;
  label: string;
}

/** Accounts elsewhere that log one in. */
export function Providers() {
  const offered = useQuery(providersQuery);
  const identities = useQuery(identitiesQuery);
  const leaving = useLeaving();
  return (
    <Section title={text.security.providers} intro={text.security.providersIntro}>
      <Loaded query={identities} lines={1}>
        {(all) => {
          const connected = all.filter(({ provider }) => !leaving.has(`identity-${provider}`));
          const rows = rowsOf(offered.data?.providers ?? [], connected);
          if (rows.length === 0) return <p className="text-muted">{text.security.noProviders}</p>;
          return (
            <ul className="-my-3 divide-y divide-line">
              {rows.map((provider) => (
                <ProviderRow
                  key={provider.name}
                  provider={provider}
                  identity={connected.find((identity) => identity.provider === provider.name)}
                />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Section>
  );
}

/** What is offered, and what is connected though it is offered no longer. */
function rowsOf(offered: readonly Provider[], connected: readonly IdentityBody[]): Provider[] {
  const gone = connected.filter(({ provider }) => !offered.some(({ name }) => name === provider));
  return [...offered, ...gone.map(({ provider, label }) => ({ name: provider, label }))];
}

function ProviderRow({ provider, identity }: { provider: Provider; identity: IdentityBody | undefined }) {
  const client = useQueryClient();
  const [isConnecting, setIsConnecting] = useState(false);
  const disconnect = () =>
    removeWithUndo(`identity-${provider.name}`, {
      message: text.security.disconnected(provider.label),
      commit: async ({ keepalive }) => {
        await call("delete", "/api/auth/identities/{provider}", { parameters: { provider: provider.name }, keepalive });
        await client.invalidateQueries({ queryKey: identitiesQuery.queryKey });
      },
    });
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="min-w-0">
        <h3 className="font-semibold">{provider.label}</h3>
        {identity === undefined ? (
          <p className="text-sm text-muted">{text.security.notConnected}</p>
        ) : (
          <p className="text-sm text-muted wrap-anywhere">
            {text.security.connectedAs(identity.email)} · {text.security.lastUsed} <Moment at={identity.last_used_at} />
          </p>
        )}
      </div>
      {identity === undefined ? (
        <Button onClick={() => setIsConnecting(true)} aria-label={text.security.connectOf(provider.label)}>
          {text.security.connect}
        </Button>
      ) : (
        <Button onClick={disconnect} aria-label={text.security.disconnectOf(provider.label)}>
          {text.security.disconnect}
        </Button>
      )}
      {isConnecting && (
        <Suspense>
          <Connect name={provider.name} label={provider.label} onClose={() => setIsConnecting(false)} />
        </Suspense>
      )}
    </li>
  );
}
