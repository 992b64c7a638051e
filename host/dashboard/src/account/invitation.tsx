import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { call } from "../api/client";
import { actFor } from "../api/scope";
import { acceptInvitation, logOut, restoreSession } from "../api/session";
import { Button, buttonLook } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { Field } from "../ui/field";
import { Loading } from "../ui/loading";
import type { InvitationPreviewBody } from "../../generated/schema";
import { AccountFrame, AccountPage, TokenNote } from "./account-page";
import { NewPasswordField } from "./password-field";
import { inAccountWords } from "./refusals";
import { text } from "./text";

const route = getRouteApi("/invitation");

/** What an invitation is about, and the way to follow it: with a new account, or with the one that there is. */
export function InvitationPage() {
  const { token } = route.useSearch();
  const preview = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => call("post", "/api/auth/invitation/preview", { body: { token } }),
    enabled: token !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (preview.data === undefined) {
    return (
      <AccountFrame title={text.invitationTitle}>
        <TokenNote token={token}>{text.invitationWithoutToken}</TokenNote>
        <ErrorNote error={inAccountWords(preview.error)} />
        {preview.isLoading && <Loading />}
      </AccountFrame>
    );
  }
  return preview.data.has_account ? (
    <Join token={token} preview={preview.data} />
  ) : (
    <Accept token={token} preview={preview.data} />
  );
}

interface Props {
  token: string;
  preview: InvitationPreviewBody;
}

const introOf = ({ organisation, role, email }: InvitationPreviewBody) =>
  text.invitationIntro(organisation, text.roles[role], email);

/** Somebody without an account gets one. */
function Accept({ token, preview }: Props) {
  const router = useRouter();
  return (
    <AccountPage
      title={text.invitationTitle}
      intro={introOf(preview)}
      submitLabel={text.accept}
      submit={({ password = "", display_name }) =>
        acceptInvitation({ token, password, ...(display_name !== undefined && { display_name }) })
      }
      done={() => router.navigate({ to: "/" })}
    >
      {/* Whom a partner invites has a name already; such an invitation does not tell when it ends. */}
      {preview.expires_at != null && (
        <Field label={text.displayName} name="display_name" autoComplete="name" maxLength={100} required autoFocus />
      )}
      {/* Password managers keep the password under it. */}
      <input hidden type="text" autoComplete="username" value={preview.email} readOnly />
      <NewPasswordField />
    </AccountPage>
  );
}

/** Somebody with an account joins with it, once logged in. */
function Join({ token, preview }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const session = useQuery({ queryKey: ["session"], queryFn: async () => (await restoreSession()) ?? null });
  const joining = useMutation({
    mutationFn: () => call("post", "/api/team/join", { body: { token } }),
    onSuccess: async ({ organisation_id }) => {
      // Whoever joins a team wants to see that one, not the organisation of their own.
      actFor({ organisation: organisation_id });
      await client.invalidateQueries();
      await router.navigate({ to: "/" });
    },
  });
  const leaving = useMutation({
    mutationFn: async (next: string) => {
      await logOut();
      actFor({});
      client.clear();
      await router.navigate({ to: "/login", search: { next } });
    },
  });
  if (session.data === undefined) {
    return (
      <AccountFrame title={text.invitationTitle}>
        <Loading />
      </AccountFrame>
    );
  }
  const next = `/invitation?${new URLSearchParams({ token })}`;
  const isOther = session.data !== null && session.data.email.toLowerCase() !== preview.email.toLowerCase();
  return (
    <AccountFrame title={text.invitationTitle} intro={introOf(preview)}>
      {session.data !== null && <p>{text.loggedInAs(session.data.email)}</p>}
      {isOther && <p className="text-warn">{text.invitationForOther(preview.email)}</p>}
      <ErrorNote error={inAccountWords(joining.error)} />
      {session.data === null ? (
        <Link
          to="/login"
          search={{ next }}
          className={buttonLook("primary")}
        >
          {text.logInToJoin}
        </Link>
      ) : isOther ? (
        <Button look="primary" isBusy={leaving.isPending} onClick={() => leaving.mutate(next)}>
          {text.logOutToJoin}
        </Button>
      ) : (
        <Button look="primary" isBusy={joining.isPending} onClick={() => joining.mutate()}>
          {text.join(preview.organisation)}
        </Button>
      )}
    </AccountFrame>
  );
}
