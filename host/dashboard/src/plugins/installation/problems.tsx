import { Link } from "@tanstack/react-router";
import type { InstallationBody, ProblemBody } from "../../../generated/schema";
import { sentence } from "../../format/format";
import { isolated } from "../../text/isolate";
import { readable } from "../schema-form/words";
import { useSecrets } from "./secrets";
import { text } from "./text";

/** What an installation lacks, and where that is mended; nothing where nothing is missing. */
export function Problems({ installation }: { installation: InstallationBody }) {
  const { problems, id } = installation;
  const secrets = useSecrets(installation);
  const nameOf = (name: string) => secrets?.find((secret) => secret.name === name)?.label ?? readable(name);
  if (problems.length === 0) return null;
  return (
    <div className="rounded-md border border-warn/50 border-s-4 border-s-warn bg-warn/6 px-4 py-3 text-sm">
      <p className="font-semibold">{text.problems.title}</p>
      <ul className="mt-1 grid gap-1">
        {problems.map((problem) => (
          <li key={`${problem.code} ${problem.place}`}>{told(problem, nameOf)}</li>
        ))}
      </ul>
      <Link
        to="/plugins/installed/$installationId/configuration"
        params={{ installationId: id }}
        className="mt-2 inline-block font-medium text-accent underline underline-offset-4"
      >
        {text.problems.mend}
      </Link>
    </div>
  );
}

function told({ code, place, message }: ProblemBody, nameOf: (secret: string) => string): string {
  if (code === "secret-missing") return text.problems.secret(nameOf(place));
  if (code === "consent-missing") return text.problems.account(nameOf(place));
  const where = readable(place.replace(/^\//, "").replaceAll("/", " › "));
  return where === "" ? isolated(sentence(message)) : `${where}: ${isolated(sentence(message))}`;
}
