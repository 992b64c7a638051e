import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { notify } from "../ui/toast";
import { ProofFields, proofOf } from "./proof";
import { deletionQuery, type Subject } from "./queries";
import { text } from "./text";

interface Props {
  subject: Subject;
  title: string;
  intro: string;
  onClose: () => void;
}

/** Asks for the end: of an account with a proof, of an organisation by its name. */
export function DeletionDialog({ subject, title, intro, onClose }: Props) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    await request(subject, fields);
    await client.invalidateQueries({ queryKey: deletionQuery(subject).queryKey });
    notify(text.data.scheduled);
    onClose();
  };
  return (
    <Dialog title={title} intro={intro} onClose={onClose}>
      <Form send={send} submitLabel={text.data.delete} look="danger" onCancel={onClose}>
        {({ name }) =>
          subject === "own" ? <ProofFields /> : <Field label={text.data.typeName} name="name" error={name} autoComplete="off" required autoFocus />
        }
      </Form>
    </Dialog>
  );
}

async function request(subject: Subject, fields: FormData) {
  if (subject !== "own") {
    const body = { name: textOf(fields, "name") };
    await call("post", "/api/organisations/{id}/deletion", { parameters: { id: subject.organisation }, body });
    return;
  }
  const { current_password, code } = proofOf(fields);
  const body = { password: current_password ?? null, code: code ?? null };
  await call("post", "/api/auth/deletion", { body });
}
