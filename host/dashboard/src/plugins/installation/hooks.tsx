import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { InstallationBody } from "../../../generated/schema";
import { CopyField } from "../../ui/copy-field";
import { Loaded } from "../../ui/loading";
import { Section } from "../../ui/page";
import { readable } from "../schema-form/words";
import { text } from "./text";

/** The addresses that the platform sends its messages to. */
export function Hooks({ installation: { id } }: { installation: InstallationBody }) {
  const maySee = useIsAtLeast("admin");
  const query = useQuery({
    queryKey: ["installations", "hooks", id],
    queryFn: async ({ signal }) => (await call("get", "/api/installations/{id}/hooks", { parameters: { id }, signal })).hooks,
    enabled: maySee,
  });
  if (!maySee) return null;
  return (
    <Section title={text.hooks.title} intro={text.hooks.intro}>
      <Loaded query={query}>
        {(hooks) =>
          hooks.length === 0 ? (
            <p className="text-muted">{text.hooks.empty}</p>
          ) : (
            <div className="grid gap-4">
              {hooks.map(({ connection, url }) => (
                <CopyField key={connection} label={readable(connection)} value={url} isSecret />
              ))}
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}
