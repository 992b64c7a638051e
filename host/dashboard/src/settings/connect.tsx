import { call } from "../api/client";
import { Dialog } from "../ui/dialog";
import { Form } from "../ui/form";
import { ProofFields, proofOf } from "./proof";
import { text } from "./text";

interface Props {
  name: string;
  label: string;
  onClose: () => void;
}

/** Leaves for the provider's page, once it is proved who asks. */
export function Connect({ name, label, onClose }: Props) {
  const send = async (fields: FormData) => {
    const { authorize_url } = await call("post", "/api/auth/identities/{provider}", {
      parameters: { provider: name },
      body: { ...proofOf(fields), return_to: "/settings/security" },
    });
    location.assign(authorize_url);
  };
  return (
    <Dialog title={text.security.connectOf(label)} intro={text.security.connectIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.security.connect} onCancel={onClose}>
        <ProofFields />
      </Form>
    </Dialog>
  );
}
