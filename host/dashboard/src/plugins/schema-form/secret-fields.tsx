/** The pasted secrets of a plugin: whether they are stored, and what becomes of them. No secret is ever shown. */

import { useState } from "react";
import type { PluginSecretBody } from "../../../generated/schema";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { text as common } from "../../ui/text";
import type { Problems } from "./schema";
import { text } from "./text";

/** What changes: a text is stored, null removes what is stored, what is not named stays. */
export type SecretChanges = Readonly<Record<string, string | null>>;

interface Props {
  /** What the plugin asks for; accounts that are connected by consent are left out. */
  secrets: readonly PluginSecretBody[];
  /** Names of those that are stored. */
  stored?: readonly string[];
  value: SecretChanges;
  onChange: (next: SecretChanges) => void;
  /** What is wrong, by name. */
  problems?: Problems;
  /** Nothing has to be filled in here. */
  isPartial?: boolean;
}

export function SecretFields({ secrets, stored = [], value, onChange, problems = {}, isPartial = false }: Props) {
  const change = (name: string, next: string | null | undefined) => {
    const { [name]: _, ...others } = value;
    onChange(next === undefined ? others : { ...others, [name]: next });
  };
  return secrets
    .filter(({ kind }) => kind !== "oauth2")
    .map((secret) => (
      <SecretField
        key={secret.name}
        secret={secret}
        isStored={stored.includes(secret.name)}
        value={value[secret.name]}
        onChange={(next) => change(secret.name, next)}
        error={problems[secret.name]}
        isRequired={secret.required && !isPartial}
      />
    ));
}

interface FieldProps {
  secret: PluginSecretBody;
  isStored: boolean;
  value: string | null | undefined;
  onChange: (next: string | null | undefined) => void;
  error: string | undefined;
  isRequired: boolean;
}

function SecretField({ secret: { label, required }, isStored, value, onChange, error, isRequired }: FieldProps) {
  const [isReplacing, setIsReplacing] = useState(false);
  const keep = () => {
    setIsReplacing(false);
    onChange(undefined);
  };
  if (isStored && !isReplacing) {
    return (
      <Stored
        label={label}
        isLeaving={value === null}
        canBeRemoved={!required}
        onReplace={() => setIsReplacing(true)}
        onRemove={() => onChange(null)}
        onKeep={keep}
      />
    );
  }
  return (
    <div className="grid gap-2">
      <Field
        label={required ? label : text.optional(label)}
        hint={text.secretHint}
        error={error}
        type="password"
        dir="ltr"
        // Browsers would offer the password of this page, or store the key as one.
        autoComplete="new-password"
        spellCheck={false}
        required={isRequired}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value || undefined)}
        autoFocus={isReplacing}
      />
      {isReplacing && (
        <div>
          <Button onClick={keep}>{text.keepSecret}</Button>
        </div>
      )}
    </div>
  );
}

interface StoredProps {
  label: string;
  isLeaving: boolean;
  canBeRemoved: boolean;
  onReplace: () => void;
  onRemove: () => void;
  onKeep: () => void;
}

function Stored({ label, isLeaving, canBeRemoved, onReplace, onRemove, onKeep }: StoredProps) {
  return (
    <div className="grid gap-1.5">
      <p className="text-sm font-semibold">{label}</p>
      <div className="flex flex-wrap items-center justify-between gap-2 rounded-md border border-line bg-sunken px-3 py-1.5">
        <span role="status" className="text-sm">
          {isLeaving ? text.secretToGo : text.secretSet}
        </span>
        <span className="flex flex-wrap gap-1">
          {isLeaving ? (
            <Button onClick={onKeep}>{text.keepSecret}</Button>
          ) : (
            <>
              <Button onClick={onReplace} aria-label={text.replaceSecret(label)}>
                {text.replace}
              </Button>
              {canBeRemoved && (
                <Button onClick={onRemove} aria-label={text.removeSecret(label)}>
                  {common.remove}
                </Button>
              )}
            </>
          )}
        </span>
      </div>
    </div>
  );
}
