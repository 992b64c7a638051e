/** Setting up a second factor: the secret goes to an app, a code of it comes back, recovery codes are kept. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { CopyField } from "../ui/copy-field";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import type { SecondFactorSecretBody } from "../../generated/schema";
import { ProofFields, proofOf } from "./proof";
import { QrCode } from "./qr-code";
import { profileQuery, secondFactorQuery } from "./queries";
import { RecoveryCodes } from "./recovery-codes";
import { text } from "./text";

export function SetUp({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [secret, setSecret] = useState<SecondFactorSecretBody>();
  const [codes, setCodes] = useState<readonly string[]>();

  const begin = async (fields: FormData) => {
    const { current_password } = proofOf(fields);
    setSecret(await call("post", "/api/auth/totp", { body: current_password === undefined ? {} : { current_password } }));
  };
  const confirm = async (fields: FormData) => {
    const answer = await call("post", "/api/auth/totp/confirm", { body: { code: textOf(fields, "code") } });
    setCodes(answer.recovery_codes);
    await Promise.all([
      client.invalidateQueries({ queryKey: secondFactorQuery.queryKey }),
      client.invalidateQueries({ queryKey: profileQuery.queryKey }),
    ]);
  };

  if (codes !== undefined) return <RecoveryCodes codes={codes} onClose={onClose} />;
  if (secret !== undefined) {
    return (
      <Dialog title={text.security.setUpTitle} onClose={onClose}>
        <Form key="confirm" send={confirm} submitLabel={text.security.turnOn} onCancel={onClose}>
          <Secret secret={secret} />
          <p className="font-semibold">{text.security.typeCode}</p>
          <Field
            label={text.security.code}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9]{6}"
            maxLength={6}
            dir="ltr"
            required
          />
        </Form>
      </Dialog>
    );
  }
  return (
    <Dialog title={text.security.setUpTitle} intro={text.security.setUpIntro} onClose={onClose}>
      <Form key="begin" send={begin} submitLabel={text.security.goOn} onCancel={onClose}>
        <ProofFields />
      </Form>
    </Dialog>
  );
}

function Secret({ secret }: { secret: SecondFactorSecretBody }) {
  return (
    <div className="grid gap-4">
      <p className="font-semibold">{text.security.scan}</p>
      <QrCode label={text.security.qr} value={secret.otpauth_url} />
      <details>
        <summary className="min-h-6 text-sm font-medium">{text.security.cannotScan}</summary>
        <div className="grid gap-3 pt-3">
          <CopyField label={text.security.secret} value={secret.secret} />
          <a href={secret.otpauth_url} className="w-fit text-sm font-medium text-accent underline underline-offset-4">
            {text.security.openApp}
          </a>
        </div>
      </details>
    </div>
  );
}
