import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useIsAtLeast } from "../api/standing";
import { useDeleteSource, useUpdateSource } from "../live/streams";
import { Button } from "../ui/button";
import { Choice, Field, TextArea } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Section } from "../ui/page";
import { notify, removeWithUndo } from "../ui/toast";
import { useCurrentSource } from "./current";
import { RotateKey } from "./rotate-key";
import { text } from "./encoder/text";
import { text as sourceWords } from "./text";

/** What a source is called, what becomes of it in trouble, and its end. */
export function SourceSettingsPage() {
  const mayChange = useIsAtLeast("editor");
  return (
    <>
      <General isFixed={!mayChange} />
      <Behaviour isFixed={!mayChange} />
      {mayChange && (
        <>
          <Section title={text.settings.key} intro={text.settings.keyHint}>
            <RotateKey />
          </Section>
          <DeleteSource />
        </>
      )}
    </>
  );
}

function General({ isFixed }: { isFixed: boolean }) {
  const source = useCurrentSource();
  const update = useUpdateSource(source.id);
  const send = async (fields: FormData) => {
    await update.mutateAsync({ name: textOf(fields, "name"), description: textOf(fields, "description") });
    notify(text.settings.saved);
  };
  return (
    <Section title={text.settings.general}>
      <fieldset disabled={isFixed} className="max-w-2xl">
        <Form send={send} submitLabel={text.settings.save}>
          {(problems) => (
            <>
              <Field
                label={sourceWords.sources.name}
                hint={sourceWords.sources.nameHint}
                name="name"
                defaultValue={source.name}
                maxLength={100}
                required
                error={problems["name"]}
              />
              <TextArea
                label={sourceWords.sources.description}
                hint={sourceWords.sources.descriptionHint}
                name="description"
                defaultValue={source.description}
                maxLength={2000}
                error={problems["description"]}
              />
            </>
          )}
        </Form>
      </fieldset>
    </Section>
  );
}

function Behaviour({ isFixed }: { isFixed: boolean }) {
  const source = useCurrentSource();
  const update = useUpdateSource(source.id);
  const [second, setSecond] = useState<string>(source.second_publisher);
  const send = async (fields: FormData) => {
    await update.mutateAsync({
      reconnect_window_s: Number(textOf(fields, "reconnect_window_s")),
      second_publisher: second === "replace" ? "replace" : "reject",
    });
    notify(text.settings.saved);
  };
  const option = (value: "reject" | "replace") => ({ value, ...text.settings.secondOptions[value] });
  return (
    <Section title={text.settings.behaviour}>
      <fieldset disabled={isFixed} className="max-w-2xl">
        <Form send={send} submitLabel={text.settings.save}>
          {(problems) => (
            <>
              <Field
                label={`${text.settings.window} (${text.settings.windowUnit})`}
                hint={text.settings.windowHint}
                name="reconnect_window_s"
                type="number"
                min={0}
                max={3600}
                step={1}
                inputMode="numeric"
                defaultValue={source.reconnect_window_s}
                required
                className="max-w-32"
                error={problems["reconnect_window_s"]}
              />
              <Choice
                label={text.settings.second}
                name="second_publisher"
                options={[option("reject"), option("replace")]}
                value={second}
                onChange={setSecond}
              />
            </>
          )}
        </Form>
      </fieldset>
    </Section>
  );
}

function DeleteSource() {
  const source = useCurrentSource();
  const router = useRouter();
  const remove = useDeleteSource(source.id);
  const isRunning = source.state !== "offline";
  const leave = () => {
    removeWithUndo(source.id, { message: sourceWords.sources.removed(source.name), commit: (how) => remove.mutateAsync(how) });
    void router.navigate({ to: "/sources" });
  };
  return (
    <Section title={text.settings.delete} intro={isRunning ? text.settings.deleteRunning : text.settings.deleteHint} isBare>
      <div>
        <Button look="danger" disabled={isRunning} onClick={leave}>
          {text.settings.delete}
        </Button>
      </div>
    </Section>
  );
}
