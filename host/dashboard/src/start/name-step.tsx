import { useRouter } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { streamsQuery, useCreateSource } from "../live/streams";
import { keepNewSource } from "../sources/stream-key";
import { Field } from "../ui/field";
import { Form } from "../ui/form";
import { text } from "./text";

/** Makes the source. A name stands there already: whoever has no better one presses Enter. */
export function NameStep({ onDone }: { onDone: (sourceId: string) => void }) {
  const router = useRouter();
  const client = useQueryClient();
  const create = useCreateSource();
  const send = async (fields: FormData) => {
    const source = await create.mutateAsync({ name: String(fields.get("name")).trim() });
    keepNewSource(source);
    await client.ensureQueryData(streamsQuery);
    onDone(source.id);
    await router.navigate({ to: "/start", replace: true });
  };
  return (
    <Form send={send} submitLabel={text.proceed}>
      {(problems) => (
        <Field
          label={text.name}
          hint={text.nameHint}
          error={problems["name"]}
          name="name"
          defaultValue={text.nameExample}
          onFocus={(event) => event.target.select()}
          maxLength={100}
          required
          autoFocus
        />
      )}
    </Form>
  );
}
