import type { Stream } from "../api/types";
import { inPlainWords } from "../live/reasons";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Section } from "../ui/page";
import { useRetitle } from "./queries";
import { text } from "./form/text";

/** The title of what runs, and what each platform says to a new one. */
export function BroadcastTitle({ source }: { source: Stream }) {
  const retitle = useRetitle(source.id);
  const answers = retitle.data?.flatMap((answer) => {
    const destination = source.destinations.find(({ id }) => id === answer.id);
    return destination === undefined ? [] : [{ ...answer, name: destination.name || destination.platform }];
  });
  return (
    <Section title={text.title.heading} intro={text.title.hint}>
      <div className="grid max-w-2xl gap-4">
        <Form send={(fields) => retitle.mutateAsync(textOf(fields, "title"))} submitLabel={text.title.save}>
          {(problems) => (
            <Field
              label={text.title.field}
              name="title"
              defaultValue={source.name}
              maxLength={100}
              required
              error={problems["title"]}
            />
          )}
        </Form>
        {answers !== undefined && (
          <ul role="status" aria-label={text.title.results} className="grid gap-1 text-sm">
            {answers.map(({ id, name, is_changed, reason }) => (
              <li key={id} className="flex flex-wrap gap-x-2">
                <bdi className="font-semibold">{name}</bdi>
                <span className="text-muted">{is_changed ? text.title.changed : refusal(reason)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}

const refusal = (reason: { code: string; message: string } | null | undefined) =>
  reason == null ? text.title.notChanged : inPlainWords(reason).what;
