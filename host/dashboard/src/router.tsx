import { createRootRoute, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { restoreSession } from "./api/session";
import { Layout } from "./pages/layout";
import { LogInPage } from "./pages/log-in";
import { ForgotPasswordPage, ResetPasswordPage, VerifyEmailPage } from "./pages/mailed";
import { InvitationPage, RegisterPage, SetUpPage } from "./pages/register";
import { SourcePage } from "./pages/source";
import { SourcesPage } from "./pages/sources";

const root = createRootRoute({ component: Outlet });

const logIn = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { failed?: string } =>
    typeof search["failed"] === "string" ? { failed: search["failed"] } : {},
  component: LogInPage,
});
const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: "/forgot-password",
  component: ForgotPasswordPage,
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
  validateSearch: (search) => ({ token: String(search["token"] ?? "") }),
  component: ResetPasswordPage,
});
const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: "/verify-email",
  validateSearch: (search) => ({ token: String(search["token"] ?? "") }),
  component: VerifyEmailPage,
});
const register = createRoute({ getParentRoute: () => root, path: "/register", component: RegisterPage });
const setUp = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (search) => ({ token: String(search["token"] ?? "") }),
  component: SetUpPage,
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  validateSearch: (search) => ({ token: String(search["token"] ?? "") }),
  component: InvitationPage,
});

/** Pages for someone who is logged in. */
const app = createRoute({
  getParentRoute: () => root,
  id: "_app",
  beforeLoad: async () => {
    if ((await restoreSession()) === undefined) throw redirect({ to: "/login" });
  },
  component: Layout,
});
const sources = createRoute({ getParentRoute: () => app, path: "/", component: SourcesPage });
const source = createRoute({ getParentRoute: () => app, path: "/sources/$sourceId", component: SourcePage });

export const router = createRouter({
  routeTree: root.addChildren([
    logIn,
    forgotPassword,
    resetPassword,
    verifyEmail,
    register,
    setUp,
    invitation,
    app.addChildren([sources, source]),
  ]),
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
