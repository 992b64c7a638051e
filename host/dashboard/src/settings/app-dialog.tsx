import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { useScope } from "../api/scope";
import { appsQuery } from "../api/standing";
import { Dialog } from "../ui/dialog";
import { Field, TextArea } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { notify } from "../ui/toast";
import type { AppBody } from "../../generated/schema";
import { text } from "./text";

interface Props {
  /** The app that is changed; none where one is made. */
  app?: AppBody;
  onClose: () => void;
}

export function AppDialog({ app, onClose }: Props) {
  const client = useQueryClient();
  const { organisation } = useScope();
  const send = async (fields: FormData) => {
    const body = { name: textOf(fields, "name"), description: textOf(fields, "description") };
    if (app === undefined) await call("post", "/api/apps", { body });
    else await call("patch", "/api/apps/{id}", { parameters: { id: app.id }, body });
    await client.invalidateQueries({ queryKey: appsQuery(organisation).queryKey });
    notify(app === undefined ? text.apps.made(body.name) : text.saved);
    onClose();
  };
  return (
    <Dialog title={app === undefined ? text.apps.make : `${text.apps.edit}: ${app.name}`} onClose={onClose}>
      <Form send={send} submitLabel={app === undefined ? text.apps.make : text.save} onCancel={onClose}>
        {(problems) => (
          <>
            <Field label={text.apps.name} name="name" defaultValue={app?.name} maxLength={100} error={problems["name"]} required autoFocus />
            <TextArea
              label={text.apps.description}
              hint={text.apps.descriptionHint}
              name="description"
              defaultValue={app?.description}
              maxLength={2000}
              error={problems["description"]}
            />
          </>
        )}
      </Form>
    </Dialog>
  );
}
