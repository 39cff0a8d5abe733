// Which path is which view; views come when they are needed.

import type { Component } from 'svelte';
import type { Right } from './lib/session.svelte';
import type { shell } from './words/shell';

/** A view; it is given `rest`, what of the path stands behind the route's, decoded, and may ignore it. */
export type View = Component<any>;

export interface Route {
  path: string;
  /** Its name is the word of the shell of this key. */
  name: keyof typeof shell.en;
  view: () => Promise<{ default: View }>;
  /** Without it the view is not there. */
  right?: Right;
  /** Where it stands in the navigation. */
  group?: 'main' | 'admin';
  /** For those who are not logged in. */
  isOpen?: boolean;
}

export const routes: Route[] = [
  {
    path: '/search',
    name: 'search',
    group: 'main',
    right: 'read_mail',
    view: () => import('./views/search/Search.svelte'),
  },
  {
    path: '/live',
    name: 'live',
    group: 'main',
    right: 'read_mail',
    view: () => import('./views/live/Live.svelte'),
  },
  {
    path: '/queue',
    name: 'queue',
    group: 'main',
    right: 'read_mail',
    view: () => import('./views/queue/Queue.svelte'),
  },
  {
    path: '/reports/schedules',
    name: 'schedules',
    right: 'manage_schedules',
    view: () => import('./views/reports/Schedules.svelte'),
  },
  {
    path: '/reports',
    name: 'reports',
    group: 'main',
    right: 'read_mail',
    view: () => import('./views/reports/Reports.svelte'),
  },
  {
    path: '/jobs',
    name: 'jobs',
    group: 'main',
    right: 'read_mail',
    view: () => import('./views/jobs/Jobs.svelte'),
  },
  {
    path: '/message',
    name: 'message',
    right: 'read_mail',
    view: () => import('./views/message/Message.svelte'),
  },
  {
    path: '/account',
    name: 'account',
    right: 'read_mail',
    view: () => import('./views/account/Account.svelte'),
  },
  {
    path: '/admin/sources',
    name: 'sources',
    group: 'admin',
    right: 'read_sources',
    view: () => import('./views/admin/Sources.svelte'),
  },
  {
    path: '/admin/customers',
    name: 'customers',
    group: 'admin',
    right: 'manage_customers',
    view: () => import('./views/admin/Customers.svelte'),
  },
  {
    path: '/admin/users',
    name: 'users',
    group: 'admin',
    right: 'manage_users',
    view: () => import('./views/admin/Users.svelte'),
  },
  {
    path: '/admin/keys',
    name: 'keys',
    group: 'admin',
    right: 'manage_keys',
    view: () => import('./views/admin/Keys.svelte'),
  },
  {
    path: '/admin/webhooks',
    name: 'webhooks',
    group: 'admin',
    right: 'manage_webhooks',
    view: () => import('./views/admin/Webhooks.svelte'),
  },
  {
    path: '/admin/alerts',
    name: 'alerts',
    group: 'admin',
    right: 'manage_alerts',
    view: () => import('./views/admin/Alerts.svelte'),
  },
  {
    path: '/admin/audit',
    name: 'audit',
    group: 'admin',
    right: 'read_audit',
    view: () => import('./views/admin/Audit.svelte'),
  },
  {
    path: '/admin/searches',
    name: 'searches',
    group: 'admin',
    right: 'save_searches',
    view: () => import('./views/admin/Searches.svelte'),
  },
  {
    path: '/sql',
    name: 'sql',
    group: 'admin',
    right: 'read_mail',
    view: () => import('./views/sql/Sql.svelte'),
  },
  {
    path: '/admin/system',
    name: 'system',
    group: 'admin',
    right: 'read_sources',
    view: () => import('./views/admin/System.svelte'),
  },
  { path: '/me', name: 'me', view: () => import('./views/me/Me.svelte') },
  { path: '/login', name: 'login', isOpen: true, view: () => import('./views/login/Login.svelte') },
  { path: '/setup', name: 'setup', isOpen: true, view: () => import('./views/login/Setup.svelte') },
  { path: '/reset', name: 'reset', isOpen: true, view: () => import('./views/login/Reset.svelte') },
];

/** The route of a path, and what of the path is the view's. */
export function match(path: string): { route: Route; rest: string } | undefined {
  for (const route of routes) {
    if (path === route.path) return { route, rest: '' };
    if (path.startsWith(`${route.path}/`))
      return { route, rest: decoded(path.slice(route.path.length + 1)) };
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
