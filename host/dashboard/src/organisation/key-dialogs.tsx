/** Making, changing and rotating API keys. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { Dialog } from "../ui/dialog";
import { Form, textOf } from "../ui/form";
import { Select } from "../ui/field";
import { notify } from "../ui/toast";
import type { ApiKeyBody } from "../../generated/schema";
import { KeyFields } from "./key-fields";
import { endOf, limitsOf, scopesOf } from "./key-form";
import { KeyShown } from "./key-shown";
import { apiKeysQuery } from "./queries";
import { text } from "./keys/text";

function useReadAgain() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
}

export function NewKey({ onClose }: { onClose: () => void }) {
  const readAgain = useReadAgain();
  const [made, setMade] = useState<ApiKeyBody>();
  const send = async (fields: FormData) => {
    const expires_at = endOf(fields, new Date());
    const { api_key } = await call("post", "/api/api-keys", {
      body: {
        name: textOf(fields, "name"),
        scopes: scopesOf(fields),
        limits: limitsOf(fields),
        ...(expires_at != null && { expires_at }),
      },
    });
    setMade(api_key);
    await readAgain();
  };
  if (made !== undefined) return <KeyShown made={made} onClose={onClose} />;
  return (
    <Dialog title={text.keys.makeTitle} onClose={onClose} size="large">
      <Form send={send} submitLabel={text.keys.make} onCancel={onClose}>
        {(problems) => <KeyFields problems={problems} />}
      </Form>
    </Dialog>
  );
}

interface Props {
  apiKey: ApiKeyBody;
  onClose: () => void;
}

export function EditKey({ apiKey, onClose }: Props) {
  const readAgain = useReadAgain();
  const send = async (fields: FormData) => {
    const expires_at = endOf(fields, new Date());
    await call("put", "/api/api-keys/{id}", {
      parameters: { id: apiKey.id },
      body: {
        name: textOf(fields, "name"),
        scopes: scopesOf(fields),
        limits: limitsOf(fields),
        ...(expires_at !== undefined && { expires_at }),
      },
    });
    await readAgain();
    notify(text.keys.changed);
    onClose();
  };
  return (
    <Dialog title={text.keys.editTitle(apiKey.name)} onClose={onClose} size="large">
      <Form send={send} submitLabel={text.keys.edit} onCancel={onClose}>
        {(problems) => <KeyFields apiKey={apiKey} problems={problems} />}
      </Form>
    </Dialog>
  );
}

export function RotateKey({ apiKey, onClose }: Props) {
  const readAgain = useReadAgain();
  const [made, setMade] = useState<ApiKeyBody>();
  const send = async (fields: FormData) => {
    const { api_key } = await call("post", "/api/api-keys/{id}/rotate", {
      parameters: { id: apiKey.id },
      body: { overlap_s: Number(textOf(fields, "overlap_s")) },
    });
    setMade(api_key);
    await readAgain();
  };
  if (made !== undefined) return <KeyShown made={made} onClose={onClose} />;
  return (
    <Dialog title={text.keys.rotateTitle(apiKey.name)} intro={text.keys.rotateIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.keys.rotate} onCancel={onClose}>
        <Select label={text.keys.overlap} name="overlap_s" defaultValue="86400">
          {Object.entries(text.keys.overlaps).map(([seconds, label]) => (
            <option key={seconds} value={seconds}>
              {label}
            </option>
          ))}
        </Select>
      </Form>
    </Dialog>
  );
}
