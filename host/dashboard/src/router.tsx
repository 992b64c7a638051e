/** Every address of the dashboard, on one screen. Pages come when they are asked for. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, notFound, Outlet, redirect } from "@tanstack/react-router";
import { currentUser, restoreSession } from "./api/session";
import type { AuditFilter } from "./organisation/queries";
import { catalogueSearch } from "./plugins/catalogue/search";
import { BrokenPage, NotFoundPage } from "./shell/broken";
import { wayBackOf } from "./plugins/consent/way-back";

const root = createRootRoute({ component: Outlet });

/** Pages of links that carry a token. */
const withToken = (search: Record<string, unknown>) => ({ token: String(search["token"] ?? "") });

/** The texts of those names in the query of an address, where they are not empty. */
const textsIn = <Name extends string>(search: Record<string, unknown>, ...names: Name[]): { [N in Name]?: string } =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name];
      // A number in an address is a number after it was read.
      const text = typeof value === "number" ? String(value) : value;
      return typeof text === "string" && text !== "" ? [[name, text]] : [];
    }),
  ) as { [N in Name]?: string };

/** Which page of a numbered list. */
const pageIn = ({ page }: Record<string, unknown>): { page?: number } =>
  typeof page === "number" && Number.isInteger(page) && page > 1 ? { page } : {};

const auditFilterIn = (search: Record<string, unknown>): AuditFilter =>
  textsIn(search, "actor", "action", "target", "from", "until");

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

const plugins = [
  createRoute({
    getParentRoute: () => app,
    path: "/plugins",
    validateSearch: catalogueSearch,
    component: lazyRouteComponent(() => import("./plugins/catalogue/catalogue"), "CataloguePage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed",
    component: lazyRouteComponent(() => import("./plugins/installation/installed"), "InstalledPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/upload",
    component: lazyRouteComponent(() => import("./plugins/publishing/upload"), "UploadPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/develop",
    component: lazyRouteComponent(() => import("./plugins/publishing/develop"), "DevelopPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/$namespace/$name",
    component: lazyRouteComponent(() => import("./plugins/catalogue/plugin"), "PluginPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/$namespace/$name/install",
    component: lazyRouteComponent(() => import("./plugins/install/install"), "InstallPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed/$installationId",
    component: lazyRouteComponent(() => import("./plugins/installation/overview"), "OverviewPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed/$installationId/finish",
    component: lazyRouteComponent(() => import("./plugins/install/finish"), "FinishPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed/$installationId/configuration",
    component: lazyRouteComponent(() => import("./plugins/installation/configuration"), "ConfigurationPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed/$installationId/permissions",
    component: lazyRouteComponent(() => import("./plugins/installation/permissions"), "PermissionsPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed/$installationId/activity",
    component: lazyRouteComponent(() => import("./plugins/installation/activity"), "ActivityPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed/$installationId/log",
    component: lazyRouteComponent(() => import("./plugins/installation/log"), "LogPage"),
  }),
  createRoute({
    getParentRoute: () => app,
    path: "/plugins/installed/$installationId/versions",
    component: lazyRouteComponent(() => import("./plugins/installation/versions"), "VersionsPage"),
  }),
] as const;
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
  validateSearch: auditFilterIn,
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

/** Pages for those who run the platform. */
const administration = createRoute({
  getParentRoute: () => app,
  path: "/admin",
  beforeLoad: () => {
    if (currentUser()?.role !== "admin") throw notFound();
  },
});
const systemPage = createRoute({
  getParentRoute: () => administration,
  path: "/",
  component: lazyRouteComponent(() => import("./administration/system"), "SystemPage"),
});
const tenants = createRoute({
  getParentRoute: () => administration,
  path: "/tenants",
  validateSearch: (search: Record<string, unknown>): { search?: string; page?: number } => ({
    ...textsIn(search, "search"),
    ...pageIn(search),
  }),
  component: lazyRouteComponent(() => import("./administration/tenants"), "TenantsPage"),
});
const allStreams = createRoute({
  getParentRoute: () => administration,
  path: "/streams",
  validateSearch: (search: Record<string, unknown>): { running?: boolean; page?: number } => ({
    ...(search["running"] === true && { running: true }),
    ...pageIn(search),
  }),
  component: lazyRouteComponent(() => import("./administration/streams"), "StreamsPage"),
});
const review = createRoute({
  getParentRoute: () => administration,
  path: "/plugins",
  validateSearch: (search: Record<string, unknown>): { state?: string } => textsIn(search, "state"),
  component: lazyRouteComponent(() => import("./administration/plugins"), "PluginsPage"),
});
const reviewed = createRoute({
  getParentRoute: () => administration,
  path: "/plugins/$digest",
  component: lazyRouteComponent(() => import("./administration/version"), "VersionPage"),
});
const plans = createRoute({
  getParentRoute: () => administration,
  path: "/plans",
  component: lazyRouteComponent(() => import("./administration/plans"), "PlansPage"),
});
const plan = createRoute({
  getParentRoute: () => administration,
  path: "/plans/$plan",
  component: lazyRouteComponent(() => import("./administration/plan"), "PlanPage"),
});
const platformSettings = createRoute({
  getParentRoute: () => administration,
  path: "/settings",
  component: lazyRouteComponent(() => import("./administration/settings"), "PlatformSettingsPage"),
});
const platformAudit = createRoute({
  getParentRoute: () => administration,
  path: "/audit",
  validateSearch: auditFilterIn,
  component: lazyRouteComponent(() => import("./administration/audit"), "PlatformAuditPage"),
});

const administrationParts = administration.addChildren([
  systemPage,
  tenants,
  allStreams,
  review,
  reviewed,
  plans,
  plan,
  platformSettings,
  platformAudit,
]);

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
    app.addChildren([overview, start, sources, sourceParts, team, keys, audit, usage, ...plugins, ...settings, administrationParts]),
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
