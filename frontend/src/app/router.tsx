/** The whole map of addresses. Every screen beside the inbox's frame is loaded when somebody goes there. */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';

import { ApiProblem } from '@/api/problem';
import { meQuery } from '@/api/queries';
import { InboxRoute } from '@/features/inbox/inbox-route';
import type { InboxSearch } from '@/features/inbox/search';
import { queryClient } from '@/services';
import { Failed } from '@/ui/states';

import { NotFound } from './not-found';
import { Shell } from './shell/shell';
import { TenantFrame } from './shell/tenant-frame';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <Failed error={error} onRetry={reset} />,
});

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { next?: string } => ({ next: text(search['next']) }),
  component: lazyRouteComponent(() => import('./routes/open'), 'LoginRoute'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./routes/open'), 'SetupRoute'),
});
const forgot = createRoute({
  getParentRoute: () => root,
  path: '/forgot',
  component: lazyRouteComponent(() => import('./routes/open'), 'ForgotRoute'),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset/$token',
  component: lazyRouteComponent(() => import('./routes/open'), 'ResetRoute'),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  component: lazyRouteComponent(() => import('./routes/open'), 'InviteRoute'),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'not_signed_in') {
        throw redirect({
          to: '/login',
          search: location.pathname === '/' ? {} : { next: location.href },
          replace: true,
        });
      }
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: ({ context }) => {
    const me = context.client.getQueryData(meQuery.queryKey);
    const first = me?.tenants.find((tenant) => !tenant.is_suspended) ?? me?.tenants[0];
    if (first)
      throw redirect({ to: '/t/$tenant/inbox/{-$view}/{-$conversation}', params: { tenant: first.id }, replace: true });
    if (me?.is_superadmin) throw redirect({ to: '/ops/tenants', replace: true });
  },
  component: lazyRouteComponent(() => import('./routes/me'), 'NoTenantRoute'),
});

const tenant = createRoute({ getParentRoute: () => app, path: '/t/$tenant', component: TenantFrame });

const flag = (value: unknown): true | undefined => (value === true || value === 'true' ? true : undefined);

const inbox = createRoute({
  getParentRoute: () => tenant,
  path: 'inbox/{-$view}/{-$conversation}',
  validateSearch: (search): InboxSearch => ({
    q: text(search['q']) ?? (typeof search['q'] === 'number' ? String(search['q']) : undefined),
    channel: text(search['channel']),
    label: text(search['label']),
    assignee: text(search['assignee']),
    team: text(search['team']),
    unread: flag(search['unread']),
    closing: flag(search['closing']),
    failed: flag(search['failed']),
    at: text(search['at']),
  }),
  component: InboxRoute,
});

const operations = () => import('./routes/operations');
const contacts = createRoute({
  getParentRoute: () => tenant,
  path: 'contacts/{-$contact}',
  validateSearch: (search): { q?: string; tab?: 'duplicates' } => ({
    q: text(search['q']) ?? (typeof search['q'] === 'number' ? String(search['q']) : undefined),
    tab: search['tab'] === 'duplicates' ? 'duplicates' : undefined,
  }),
  component: lazyRouteComponent(() => import('./routes/contacts'), 'ContactsRoute'),
});
const replies = createRoute({
  getParentRoute: () => tenant,
  path: 'replies',
  component: lazyRouteComponent(() => import('./routes/replies'), 'RepliesRoute'),
});
const team = createRoute({
  getParentRoute: () => tenant,
  path: 'team',
  component: lazyRouteComponent(() => import('./routes/team'), 'TeamRoute'),
});
const deliveries = createRoute({
  getParentRoute: () => tenant,
  path: 'deliveries/{-$tab}',
  component: lazyRouteComponent(operations, 'DeliveriesRoute'),
});
const record = createRoute({
  getParentRoute: () => tenant,
  path: 'record/{-$tab}',
  component: lazyRouteComponent(operations, 'RecordRoute'),
});
const settings = createRoute({
  getParentRoute: () => tenant,
  path: 'settings/{-$section}',
  component: lazyRouteComponent(() => import('./routes/settings'), 'SettingsRoute'),
});

const me = createRoute({
  getParentRoute: () => app,
  path: '/me',
  component: lazyRouteComponent(() => import('./routes/me'), 'MeRoute'),
});
const tenants = createRoute({
  getParentRoute: () => app,
  path: '/ops/tenants',
  component: lazyRouteComponent(operations, 'TenantsRoute'),
});
const opsDeliveries = createRoute({
  getParentRoute: () => app,
  path: '/ops/deliveries',
  component: lazyRouteComponent(operations, 'OpsDeliveriesRoute'),
});
const system = createRoute({
  getParentRoute: () => app,
  path: '/ops/system/{-$tab}',
  component: lazyRouteComponent(operations, 'SystemRoute'),
});
const users = createRoute({
  getParentRoute: () => app,
  path: '/ops/users',
  component: lazyRouteComponent(operations, 'UsersRoute'),
});

const tree = root.addChildren([
  login,
  setup,
  forgot,
  reset,
  invite,
  app.addChildren([
    home,
    me,
    tenants,
    opsDeliveries,
    system,
    users,
    tenant.addChildren([inbox, contacts, replies, team, deliveries, record, settings]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  context: { client: queryClient },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
