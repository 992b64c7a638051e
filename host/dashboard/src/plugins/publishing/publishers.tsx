import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { PublisherBody, PublisherKeyBody } from "../../../generated/schema";
import { Button } from "../../ui/button";
import { ConfirmButton } from "../../ui/confirm";
import { Field } from "../../ui/field";
import { Form, textOf } from "../../ui/form";
import { Loaded } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { Panel, Section } from "../../ui/page";
import { Tally } from "../../ui/tally";
import { notify } from "../../ui/toast";
import { publishersQuery } from "../queries";
import { text } from "./text";

/** The namespaces of the organisation, and the keys that sign in them. */
export function Publishers() {
  const query = useQuery(publishersQuery);
  const [isAdding, setIsAdding] = useState(false);
  return (
    <Section
      title={text.publishers.title}
      intro={text.publishers.intro}
      actions={!isAdding && <Button onClick={() => setIsAdding(true)}>{text.publishers.take}</Button>}
      isBare
    >
      <div className="grid gap-3">
        {isAdding && <Take onEnd={() => setIsAdding(false)} />}
        <Loaded query={query}>
          {(publishers) =>
            publishers.length === 0 ? (
              <p className="text-muted">{text.publishers.empty}</p>
            ) : (
              <ul className="grid gap-3">
                {publishers.map((publisher) => (
                  <Publisher key={publisher.namespace} publisher={publisher} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Section>
  );
}

function useReadAgain() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: publishersQuery.queryKey });
}

const keyField = {
  pattern: "\\s*ed25519:[0-9a-f]{64}\\s*",
  placeholder: "ed25519:…",
  spellCheck: false,
  autoComplete: "off",
  dir: "ltr",
  required: true,
};

function Take({ onEnd }: { onEnd: () => void }) {
  const readAgain = useReadAgain();
  return (
    <Panel>
      <Form
        submitLabel={text.publishers.take}
        onCancel={onEnd}
        send={async (fields) => {
          const namespace = textOf(fields, "namespace");
          await call("post", "/api/publishers", { body: { namespace, key: textOf(fields, "key") } });
          await readAgain();
          notify(text.publishers.taken(namespace));
          onEnd();
        }}
      >
        {(problems) => (
          <>
            <Field
              label={text.publishers.namespace}
              hint={text.publishers.namespaceHint}
              name="namespace"
              pattern="[a-z][a-z0-9\-]{1,39}"
              maxLength={40}
              required
              autoFocus
              spellCheck={false}
              autoComplete="off"
              dir="ltr"
              error={problems["namespace"]}
            />
            <Field label={text.publishers.key} hint={text.publishers.keyHint} name="key" {...keyField} error={problems["key"]} />
          </>
        )}
      </Form>
    </Panel>
  );
}

function Publisher({ publisher: { namespace, keys } }: { publisher: PublisherBody }) {
  const readAgain = useReadAgain();
  const [isAdding, setIsAdding] = useState(false);
  return (
    <li>
      <Panel>
        <div className="grid gap-4">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h3 className="text-lg font-semibold">
              <code dir="ltr">{namespace}</code>
            </h3>
            {!isAdding && (
              <Button onClick={() => setIsAdding(true)} aria-label={text.publishers.addKeyTo(namespace)}>
                {text.publishers.addKey}
              </Button>
            )}
          </div>
          <ul className="grid">
            {keys.map((key) => (
              <Key key={key.key} namespace={namespace} signer={key} />
            ))}
          </ul>
          {isAdding && (
            <Form
              submitLabel={text.publishers.addKey}
              onCancel={() => setIsAdding(false)}
              send={async (fields) => {
                const body = { key: textOf(fields, "key") };
                await call("post", "/api/publishers/{namespace}/keys", { parameters: { namespace }, body });
                await readAgain();
                setIsAdding(false);
              }}
            >
              {(problems) => (
                <Field
                  label={text.publishers.key}
                  hint={text.publishers.keyHint}
                  name="key"
                  {...keyField}
                  autoFocus
                  error={problems["key"]}
                />
              )}
            </Form>
          )}
        </div>
      </Panel>
    </li>
  );
}

function Key({ namespace, signer: { key, added_at, retired_at } }: { namespace: string; signer: PublisherKeyBody }) {
  const readAgain = useReadAgain();
  const retire = async () => {
    await call("delete", "/api/publishers/{namespace}/keys/{key}", { parameters: { namespace, key } });
    await readAgain();
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line py-3 first:border-t-0 first:pt-0">
      <div className="min-w-0">
        <p>
          <code dir="ltr" className="text-sm break-all">
            {key}
          </code>
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-muted">
          <Tally state="key" tone={retired_at == null ? "good" : "quiet"}>
            {retired_at == null ? text.publishers.signs : text.publishers.retired}
          </Tally>
          <Moment at={retired_at ?? added_at} />
        </p>
      </div>
      {retired_at == null && (
        <ConfirmButton
          label={text.publishers.retire}
          describedAs={text.publishers.retireOf(key)}
          consequence={text.publishers.retireMeans}
          action={retire}
          look="quiet"
        />
      )}
    </li>
  );
}
