import { getRouteApi, Link } from "@tanstack/react-router";
import { acceptInvitation, register, setUp } from "../api/session";
import { text } from "./text";
import { ErrorNote } from "../ui/error-note";
import { Field } from "../ui/field";
import { ApiError } from "../api/client";
import { AccountPage } from "./account-page";

function NewPasswordField() {
  return (
    <Field
      label={text.password}
      hint={text.passwordHint}
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
      <Field label={text.displayName} name="display_name" autoComplete="name" required autoFocus />
      <Field label={text.email} name="email" type="email" autoComplete="username" required />
      <NewPasswordField />
    </>
  );
}

export function RegisterPage() {
  return (
    <AccountPage
      title={text.registerTitle}
      submitLabel={text.register}
      submit={({ email = "", password = "", display_name = "" }) => register({ email, password, display_name })}
      footer={
        <>
          {text.haveAccount}{" "}
          <Link to="/login" className="font-medium text-accent underline underline-offset-4">
            {text.logIn}
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
      title={text.setUpTitle}
      intro={text.setUpIntro}
      submitLabel={text.setUp}
      submit={({ email = "", password = "", display_name = "" }) =>
        setUp(token, { email, password, display_name })
      }
    >
      {isMissing && (
        <ErrorNote error={new ApiError(0, "SETUP_TOKEN_MISSING", text.setUpWithoutToken)} />
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
      title={text.invitationTitle}
      intro={text.invitationIntro}
      submitLabel={text.acceptInvitation}
      submit={({ password = "" }) => acceptInvitation(token, password)}
    >
      {token === "" && (
        <ErrorNote error={new ApiError(0, "INVITATION_TOKEN_MISSING", text.invitationWithoutToken)} />
      )}
      <NewPasswordField />
    </AccountPage>
  );
}
