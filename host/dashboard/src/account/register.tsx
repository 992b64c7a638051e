import { useMutation } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { register, setUp } from "../api/session";
import { Field } from "../ui/field";
import { AccountFrame, AccountPage, linkLook, TokenNote } from "./account-page";
import { Providers } from "./log-in";
import { NewPasswordField } from "./password-field";
import { isRefusal } from "./refusals";
import { text } from "./text";

function AccountFields() {
  return (
    <>
      <Field label={text.displayName} name="display_name" autoComplete="name" maxLength={100} required autoFocus />
      <Field label={text.email} name="email" type="email" autoComplete="username" required />
      <NewPasswordField />
    </>
  );
}

const toLogIn = (
  <>
    {text.haveAccount}{" "}
    <Link to="/login" className={linkLook}>
      {text.logIn}
    </Link>
  </>
);

export function RegisterPage() {
  const router = useRouter();
  const registering = useMutation({ mutationFn: register });
  if (isRefusal(registering.error, "REGISTRATION_CLOSED")) {
    return (
      <AccountFrame title={text.closedTitle} footer={toLogIn}>
        <p role="alert">{text.closed}</p>
      </AccountFrame>
    );
  }
  return (
    <AccountPage
      title={text.registerTitle}
      submitLabel={text.register}
      submit={async ({ email = "", password = "", display_name = "" }) =>
        registering.mutateAsync({ email, password, display_name })
      }
      done={() => router.navigate({ to: "/start" })}
      after={<Providers next="/start" />}
      footer={toLogIn}
    >
      <AccountFields />
    </AccountPage>
  );
}

const setUpRoute = getRouteApi("/setup");

/** The first account of a new server, for whoever holds the link that it printed. */
export function SetUpPage() {
  const { token } = setUpRoute.useSearch();
  const router = useRouter();
  return (
    <AccountPage
      title={text.setUpTitle}
      intro={text.setUpIntro}
      submitLabel={text.setUp}
      submit={({ email = "", password = "", display_name = "" }) => setUp(token, { email, password, display_name })}
      done={() => router.navigate({ to: "/start" })}
    >
      <TokenNote token={token}>{text.setUpWithoutToken}</TokenNote>
      <AccountFields />
    </AccountPage>
  );
}
