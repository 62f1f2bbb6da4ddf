import type { QueryClient } from "@tanstack/react-query";
import { createHashHistory, createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import type { Host } from "../host/index.ts";
import { accountQuery } from "./account.ts";
import { Frame } from "./Frame.tsx";
import { NotFound, ScreenError } from "./screens.tsx";

export type AppTab = "overview" | "pipeline" | "servers" | "secrets";

/** The screens and their addresses. Hash addresses work in every protocol the window may be served from. */
export function makeRouter(host: Host, client: QueryClient) {
  const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });
  const needsAccount = async () => {
    const account = await client.ensureQueryData(accountQuery(host));
    // The router takes a redirect as a thrown value.
    if (!account) throw redirect({ to: "/welcome" });
  };
  const home = createRoute({
    getParentRoute: () => root, path: "/",
    beforeLoad: async () => {
      const account = await client.ensureQueryData(accountQuery(host));
      throw redirect({ to: account ? "/applications" : "/welcome" });
    },
  });
  const welcome = createRoute({ getParentRoute: () => root, path: "/welcome", component: lazyRouteComponent(() => import("../features/connect/Welcome.tsx"), "Welcome") });
  const applications = createRoute({ getParentRoute: () => root, path: "/applications", beforeLoad: needsAccount, component: lazyRouteComponent(() => import("../features/home/Applications.tsx"), "Applications") });
  const profiles = createRoute({ getParentRoute: () => root, path: "/profiles", component: lazyRouteComponent(() => import("../features/profiles/ProfilesScreen.tsx"), "ProfilesScreen") });
  const account = createRoute({ getParentRoute: () => root, path: "/account", beforeLoad: needsAccount, component: lazyRouteComponent(() => import("../features/preflight/AccountScreen.tsx"), "AccountScreen") });
  const audit = createRoute({ getParentRoute: () => root, path: "/audit", component: lazyRouteComponent(() => import("../features/audit/AuditScreen.tsx"), "AuditScreen") });
  const importing = createRoute({ getParentRoute: () => root, path: "/new/import", component: lazyRouteComponent(() => import("../features/import/ImportScreen.tsx"), "ImportScreen") });
  const plan = createRoute({ getParentRoute: () => root, path: "/new/plan", component: lazyRouteComponent(() => import("../features/plan/PlanScreen.tsx"), "PlanScreen") });
  const review = createRoute({ getParentRoute: () => root, path: "/new/review", component: lazyRouteComponent(() => import("../features/deploy/ReviewScreen.tsx"), "ReviewScreen") });
  const role = createRoute({ getParentRoute: () => root, path: "/new/role", component: lazyRouteComponent(() => import("../features/role/RoleScreen.tsx"), "RoleScreen") });
  const deployment = createRoute({ getParentRoute: () => root, path: "/applications/$app/deployment", beforeLoad: needsAccount, component: lazyRouteComponent(() => import("../features/deploy/DeploymentScreen.tsx"), "DeploymentScreen") });
  const application = createRoute({
    getParentRoute: () => root, path: "/applications/$app/$tab", beforeLoad: needsAccount,
    params: { parse: ({ app, tab }) => ({ app, tab: (["pipeline", "servers", "secrets"].includes(tab) ? tab : "overview") as AppTab }) },
    component: lazyRouteComponent(() => import("../features/application/ApplicationScreen.tsx"), "ApplicationScreen"),
  });
  return createRouter({
    routeTree: root.addChildren([home, welcome, applications, profiles, account, audit, importing, plan, review, role, deployment, application]),
    history: createHashHistory(),
    defaultErrorComponent: ScreenError,
    defaultPreload: "intent",
    defaultPendingMs: 300,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
