import { ApiError, call } from "../../api/client";
import type { InstallationBody } from "../../../generated/schema";
import { CopyField } from "../../ui/copy-field";
import { Field } from "../../ui/field";
import { Form, secretOf, textOf } from "../../ui/form";
import { text } from "./text";

/** Whether an account cannot be connected because the platform does not know this server. */
export function lacksClient(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "OAUTH_CLIENT_MISSING" || error.code === "OAUTH_CLIENT_BOUND_ELSEWHERE");
}

interface Props {
  installation: Pick<InstallationBody, "plugin">;
  /** The name of the secret that the account stands for. */
  secret: string;
  /** It is registered: connecting may be tried again. */
  onDone: () => void;
}

/** Tells the server how the platform knows it: what a developer's page of the platform gives for an app. */
export function OauthClient({ installation: { plugin }, secret, onDone }: Props) {
  const [namespace = "", name = ""] = plugin.split("/");
  return (
    <div className="grid gap-4 border-s-2 border-line ps-4">
      <p className="font-semibold">{text.client.title}</p>
      <p className="text-sm text-muted">{text.client.intro}</p>
      <CopyField label={text.client.redirect} value={`${location.origin}/api/oauth/callback/${plugin}/${secret}`} />
      <Form
        submitLabel={text.client.save}
        send={async (fields) => {
          await call("put", "/api/oauth-clients/{namespace}/{name}/{secret}", {
            parameters: { namespace, name, secret },
            body: { client_id: textOf(fields, "client_id"), client_secret: secretOf(fields, "client_secret").trim() },
          });
          onDone();
        }}
      >
        {(problems) => (
          <>
            <Field
              label={text.client.id}
              name="client_id"
              required
              autoComplete="off"
              spellCheck={false}
              dir="ltr"
              error={problems["client_id"]}
            />
            <Field
              label={text.client.secret}
              hint={text.client.secretHint}
              name="client_secret"
              type="password"
              required
              autoComplete="new-password"
              dir="ltr"
              error={problems["client_secret"]}
            />
          </>
        )}
      </Form>
    </div>
  );
}
