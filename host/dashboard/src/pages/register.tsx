import { getRouteApi, Link } from "@tanstack/react-router";
import { acceptInvitation, register, setUp } from "../api/session";
import { text } from "../text/text";
import { ErrorNote } from "../ui/error-note";
import { Field } from "../ui/field";
import { ApiError } from "../api/client";
import { AccountPage } from "./account-page";

function NewPasswordField() {
  return (
    <Field
      label={text.account.password}
      hint={text.account.passwordHint}
      name="password"
      type="password"
      autoComplete="new-password"
      minLength={10}
      required
    />
  );
}

function AccountFields() {
  return (
    <>
      <Field label={text.account.displayName} name="display_name" autoComplete="name" required autoFocus />
      <Field label={text.account.email} name="email" type="email" autoComplete="username" required />
      <NewPasswordField />
    </>
  );
}

export function RegisterPage() {
  return (
    <AccountPage
      title={text.account.registerTitle}
      submitLabel={text.account.register}
      submit={({ email = "", password = "", display_name = "" }) => register({ email, password, display_name })}
      footer={
        <>
          {text.account.haveAccount}{" "}
          <Link to="/login" className="font-medium text-accent underline underline-offset-4">
            {text.account.logIn}
          </Link>
        </>
      }
    >
      <AccountFields />
    </AccountPage>
  );
}

const setUpRoute = getRouteApi("/setup");

/** The first account of a new server, for whoever holds the link that it printed. */
export function SetUpPage() {
  const { token } = setUpRoute.useSearch();
  const isMissing = token === "";
  return (
    <AccountPage
      title={text.account.setUpTitle}
      intro={text.account.setUpIntro}
      submitLabel={text.account.setUp}
      submit={({ email = "", password = "", display_name = "" }) =>
        setUp(token, { email, password, display_name })
      }
    >
      {isMissing && (
        <ErrorNote error={new ApiError(0, "SETUP_TOKEN_MISSING", text.account.setUpWithoutToken)} />
      )}
      <AccountFields />
    </AccountPage>
  );
}

const invitationRoute = getRouteApi("/invitation");

/** The first password of an account that somebody else made, for whoever holds its invitation. */
export function InvitationPage() {
  const { token } = invitationRoute.useSearch();
  return (
    <AccountPage
      title={text.account.invitationTitle}
      intro={text.account.invitationIntro}
      submitLabel={text.account.acceptInvitation}
      submit={({ password = "" }) => acceptInvitation(token, password)}
    >
      {token === "" && (
        <ErrorNote error={new ApiError(0, "INVITATION_TOKEN_MISSING", text.account.invitationWithoutToken)} />
      )}
      <NewPasswordField />
    </AccountPage>
  );
}
