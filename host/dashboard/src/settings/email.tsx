/** Proving one's address, and changing it. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { changeUser, currentUser } from "../api/session";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { notify, notifyError } from "../ui/toast";
import { ProofFields, proofOf } from "./proof";
import { profileQuery } from "./queries";
import { text } from "./text";

function CodeField() {
  return (
    <Field
      label={text.profile.code}
      name="verification_code"
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9]{6}"
      maxLength={6}
      dir="ltr"
      required
      autoFocus
    />
  );
}

/** What is known of the person changed: pages and the frame say so. */
function useConfirmed(say: (email: string) => string, onClose: () => void) {
  const client = useQueryClient();
  return async (email: string) => {
    const user = currentUser();
    if (user !== undefined) changeUser({ ...user, email, email_verified: true });
    await client.invalidateQueries({ queryKey: profileQuery.queryKey });
    notify(say(email));
    onClose();
  };
}

export function VerifyEmail({ email, onClose }: { email: string; onClose: () => void }) {
  const confirmed = useConfirmed(text.profile.confirmed, onClose);
  const send = async (fields: FormData) => {
    const verification_code = textOf(fields, "verification_code");
    const answer = await call("post", "/api/auth/verify-email", { body: { email, verification_code } });
    await confirmed(answer.email);
  };
  const again = () =>
    void call("post", "/api/auth/verify-email/resend", { body: { email } }).then(() => notify(text.profile.sentAgain), notifyError);
  return (
    <Dialog title={text.profile.verify} intro={text.profile.verifyIntro(email)} onClose={onClose}>
      <Form send={send} submitLabel={text.profile.confirm} onCancel={onClose}>
        <CodeField />
        <Button look="plain" className="justify-self-start" onClick={again}>
          {text.profile.sendAgain}
        </Button>
      </Form>
    </Dialog>
  );
}

/** First the new address and a proof, then the digits that came to it. */
export function ChangeEmail({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState<string>();
  const confirmed = useConfirmed(text.profile.changed, onClose);
  const ask = async (fields: FormData) => {
    const address = textOf(fields, "email");
    await call("put", "/api/auth/email", { body: { email: address, ...proofOf(fields) } });
    setEmail(address);
  };
  const confirm = async (fields: FormData) => {
    const verification_code = textOf(fields, "verification_code");
    const answer = await call("post", "/api/auth/email/confirm", { body: { email: email ?? "", verification_code } });
    await confirmed(answer.email);
  };
  if (email !== undefined) {
    return (
      <Dialog title={text.profile.changedTitle} intro={text.profile.verifyIntro(email)} onClose={onClose}>
        <Form key="confirm" send={confirm} submitLabel={text.profile.confirm} onCancel={onClose}>
          <CodeField />
        </Form>
      </Dialog>
    );
  }
  return (
    <Dialog title={text.profile.change} intro={text.profile.changeIntro} onClose={onClose}>
      <Form key="ask" send={ask} submitLabel={text.profile.send} onCancel={onClose}>
        {(problems) => (
          <>
            <Field
              label={text.profile.newEmail}
              name="email"
              type="email"
              autoComplete="email"
              error={problems["email"]}
              required
              autoFocus
            />
            <ProofFields />
          </>
        )}
      </Form>
    </Dialog>
  );
}
