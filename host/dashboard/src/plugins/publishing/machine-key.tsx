import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import { Button } from "../../ui/button";
import { Code, CopyField } from "../../ui/copy-field";
import { ErrorNote } from "../../ui/error-note";
import { Section } from "../../ui/page";
import { text } from "./text";

/** What a program needs to upload packages: nothing else. */
const SCOPES = ["publishing:read", "publishing:write"];

/** A key for a machine that builds plugins, such as a CI job. */
export function MachineKey({ server }: { server: string }) {
  const make = useMutation({
    mutationFn: async () => {
      const { api_key } = await call("post", "/api/api-keys", { body: { name: text.machine.keyName, scopes: SCOPES } });
      return api_key.key ?? "";
    },
  });
  return (
    <Section title={text.machine.title} intro={text.machine.intro}>
      <div className="grid gap-5">
        {make.data === undefined ? (
          <div>
            <Button isBusy={make.isPending} onClick={() => make.mutate()}>
              {text.machine.make}
            </Button>
          </div>
        ) : (
          <div role="status" className="grid gap-2">
            <CopyField label={text.machine.key} value={make.data} isSecret />
            <p className="text-sm font-medium">
              {text.machine.once}{" "}
              <Link to="/keys" className="text-accent underline underline-offset-4">
                {text.machine.allKeys}
              </Link>
            </p>
          </div>
        )}
        <ErrorNote error={make.error} />
        <div className="grid gap-2">
          <h3 className="font-semibold">{text.machine.tryOut}</h3>
          <Code label={text.machine.tryOut}>{commands(server)}</Code>
        </div>
      </div>
    </Section>
  );
}

const commands = (server: string) =>
  `curl --fail-with-body -X PUT ${server}/api/plugins/acme/words/development \\
  -H "Authorization: Bearer $NEUSTREAM_KEY" \\
  -H "Content-Type: application/wasm" \\
  --data-binary @dist/words.wasm`;
