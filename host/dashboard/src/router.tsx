/** Every address of the dashboard, on one screen. Pages come when they are asked for. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { restoreSession } from "./api/session";
import type { AuditFilter } from "./organisation/queries";
import { BrokenPage, NotFoundPage } from "./shell/broken";
import { wayBackOf } from "./sources/way-back";

const root = createRootRoute({ component: Outlet });

/** Pages of links that carry a token. */
const withToken = (search: Record<string, unknown>) => ({ token: String(search["token"] ?? "") });

const logIn = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { failed?: string; next?: string } => ({
    ...(typeof search["failed"] === "string" && { failed: search["failed"] }),
    ...(typeof search["next"] === "string" && { next: search["next"] }),
  }),
  component: lazyRouteComponent(() => import("./account/log-in"), "LogInPage"),
});
const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: "/forgot-password",
  component: lazyRouteComponent(() => import("./account/mailed"), "ForgotPasswordPage"),
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
  validateSearch: withToken,
  component: lazyRouteComponent(() => import("./account/mailed"), "ResetPasswordPage"),
});
const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: "/verify-email",
  validateSearch: withToken,
  component: lazyRouteComponent(() => import("./account/mailed"), "VerifyEmailPage"),
});
const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  component: lazyRouteComponent(() => import("./account/register"), "RegisterPage"),
});
const setUp = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: withToken,
  component: lazyRouteComponent(() => import("./account/register"), "SetUpPage"),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  validateSearch: withToken,
  component: lazyRouteComponent(() => import("./account/invitation"), "InvitationPage"),
});

const design = createRoute({
  getParentRoute: () => root,
  path: "/design",
  component: lazyRouteComponent(() => import("./design/design"), "DesignPage"),
});

/** Pages for someone who is logged in. */
const app = createRoute({
  getParentRoute: () => root,
  id: "_app",
  beforeLoad: async ({ location }) => {
    if ((await restoreSession()) !== undefined) return;
    throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
  },
  component: lazyRouteComponent(() => import("./shell/layout"), "Layout"),
});
const overview = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => import("./overview/overview"), "OverviewPage"),
});
const start = createRoute({
  getParentRoute: () => app,
  path: "/start",
  component: lazyRouteComponent(() => import("./start/start"), "StartPage"),
});
const sources = createRoute({
  getParentRoute: () => app,
  path: "/sources",
  component: lazyRouteComponent(() => import("./sources/sources"), "SourcesPage"),
});
const source = createRoute({
  getParentRoute: () => app,
  path: "/sources/$sourceId",
  component: lazyRouteComponent(() => import("./sources/source"), "SourcePage"),
});

const sourceOverview = createRoute({
  getParentRoute: () => source,
  path: "/",
  component: lazyRouteComponent(() => import("./sources/overview"), "SourceOverviewPage"),
});
const sourceDestinations = createRoute({
  getParentRoute: () => source,
  path: "/destinations",
  validateSearch: wayBackOf,
  component: lazyRouteComponent(() => import("./sources/destinations"), "DestinationsPage"),
});
const sourceEncoder = createRoute({
  getParentRoute: () => source,
  path: "/encoder",
  component: lazyRouteComponent(() => import("./sources/encoder"), "EncoderPage"),
});
const sourceViewers = createRoute({
  getParentRoute: () => source,
  path: "/viewers",
  component: lazyRouteComponent(() => import("./sources/viewers"), "ViewersPage"),
});
const sourcePreFlight = createRoute({
  getParentRoute: () => source,
  path: "/pre-flight",
  component: lazyRouteComponent(() => import("./sources/pre-flight"), "PreFlightPage"),
});
const sourceSettings = createRoute({
  getParentRoute: () => source,
  path: "/settings",
  component: lazyRouteComponent(() => import("./sources/settings"), "SourceSettingsPage"),
});

const sourceParts = source.addChildren([
  sourceOverview,
  sourceDestinations,
  sourceEncoder,
  sourceViewers,
  sourcePreFlight,
  sourceSettings,
]);

const team = createRoute({
  getParentRoute: () => app,
  path: "/team",
  component: lazyRouteComponent(() => import("./organisation/team"), "TeamPage"),
});
const keys = createRoute({
  getParentRoute: () => app,
  path: "/keys",
  component: lazyRouteComponent(() => import("./organisation/keys"), "KeysPage"),
});
const audit = createRoute({
  getParentRoute: () => app,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>): AuditFilter =>
    Object.fromEntries(
      ["actor", "action", "target", "from", "until"].flatMap((name) => {
        const value = search[name];
        return typeof value === "string" && value !== "" ? [[name, value]] : [];
      }),
    ),
  component: lazyRouteComponent(() => import("./organisation/audit"), "AuditPage"),
});
const usage = createRoute({
  getParentRoute: () => app,
  path: "/usage",
  component: lazyRouteComponent(() => import("./organisation/usage"), "UsagePage"),
});
const settings = [
  createRoute({
    getParentRoute: () => app,
    path: "/settings",
    component: lazyRouteComponent(() => import("./settings/profile"), "ProfilePage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/settings/security",
    component: lazyRouteComponent(() => import("./settings/security"), "SecurityPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/settings/sessions",
    component: lazyRouteComponent(() => import("./settings/sign-ins"), "SignInsPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/settings/data",
    component: lazyRouteComponent(() => import("./settings/data"), "DataPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/settings/organisation",
    component: lazyRouteComponent(() => import("./settings/organisation"), "OrganisationPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/settings/apps",
    component: lazyRouteComponent(() => import("./settings/apps"), "AppsPage"),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([
    logIn,
    forgotPassword,
    resetPassword,
    verifyEmail,
    register,
    setUp,
    invitation,
    design,
    app.addChildren([overview, start, sources, sourceParts, team, keys, audit, usage, ...settings]),
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultNotFoundComponent: NotFoundPage,
  defaultErrorComponent: BrokenPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
