/** New recovery codes, and turning the second factor off: both take both factors. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { notify } from "../ui/toast";
import { ProofFields, proofOf } from "./proof";
import { profileQuery, secondFactorQuery } from "./queries";
import { RecoveryCodes } from "./recovery-codes";
import { text } from "./text";

/** Where the account has a password, the code comes on top of it. */
function BothFactors() {
  const { data } = useQuery(profileQuery);
  return (
    <>
      {data?.has_password && <ProofFields />}
      <Field label={text.security.anyCode} name="code" autoComplete="one-time-code" dir="ltr" required />
    </>
  );
}

const bothOf = (fields: FormData) => ({ ...proofOf(fields), code: textOf(fields, "code") });

export function NewCodes({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>();
  const send = async (fields: FormData) => {
    const answer = await call("post", "/api/auth/totp/recovery-codes", { body: bothOf(fields) });
    setCodes(answer.recovery_codes);
    await client.invalidateQueries({ queryKey: secondFactorQuery.queryKey });
  };
  if (codes !== undefined) return <RecoveryCodes codes={codes} onClose={onClose} />;
  return (
    <Dialog title={text.security.newCodes} intro={text.security.newCodesIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.security.newCodes} onCancel={onClose}>
        <BothFactors />
      </Form>
    </Dialog>
  );
}

export function TurnOff({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    await call("post", "/api/auth/totp/disable", { body: bothOf(fields) });
    await Promise.all([
      client.invalidateQueries({ queryKey: secondFactorQuery.queryKey }),
      client.invalidateQueries({ queryKey: profileQuery.queryKey }),
    ]);
    notify(text.security.turnedOff);
    onClose();
  };
  return (
    <Dialog title={text.security.turnOff} intro={text.security.turnOffIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.security.turnOff} look="danger" onCancel={onClose}>
        <BothFactors />
      </Form>
    </Dialog>
  );
}
