import { useRouter } from "@tanstack/react-router";
import { useCreateSource } from "../live/streams";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { keepNewSource } from "./stream-key";
import { text } from "./text";

/** Makes a source; then its encoder is connected, while the key can be seen. */
export function NewSource({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const create = useCreateSource();
  const send = async (fields: FormData) => {
    const description = textOf(fields, "description");
    const source = await create.mutateAsync({
      name: textOf(fields, "name"),
      ...(description !== "" && { description }),
    });
    keepNewSource(source);
    onClose();
    await router.navigate({ to: "/sources/$sourceId/encoder", params: { sourceId: source.id } });
  };
  return (
    <Dialog title={text.sources.add} onClose={onClose}>
      <Form send={send} submitLabel={text.sources.create} onCancel={onClose}>
        {(problems) => (
          <>
            <Field
              label={text.sources.name}
              hint={text.sources.nameHint}
              name="name"
              placeholder={text.sources.nameExample}
              maxLength={100}
              required
              autoFocus
              error={problems["name"]}
            />
            <Field
              label={text.sources.description}
              hint={text.sources.descriptionHint}
              name="description"
              maxLength={2000}
              error={problems["description"]}
            />
          </>
        )}
      </Form>
    </Dialog>
  );
}
