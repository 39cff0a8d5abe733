// What the audit log tells of. Source: crates/tenancy/src/entry.rs.

export const ACTIONS = [
  'search',
  'trace',
  'history',
  'queue',
  'tail',
  'export',
  'export.fetch',
  'export.remove',
  'sql',
  'upkeep',
  'events.send',
  'setup',
  'login',
  'login.failed',
  'logout',
  'sessions.end',
  'password.change',
  'password.link',
  'password.reset',
  'second_factor.add',
  'second_factor.remove',
  'customer.add',
  'customer.change',
  'customer.disable',
  'customer.enable',
  'customer.remove',
  'user.add',
  'user.change',
  'user.disable',
  'user.enable',
  'user.remove',
  'key.add',
  'key.revoke',
  'webhook.add',
  'webhook.change',
  'webhook.remove',
  'webhook.replay',
  'alert.add',
  'alert.change',
  'alert.remove',
  'alert.test',
  'report',
  'schedule.add',
  'schedule.change',
  'schedule.remove',
  'schedule.show',
  'schedule.send',
];

/** What an entry says beside who and when: a question as it was asked, else names and values. */
export function told(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return detail == null ? '' : String(detail);
  const { asked, ...others } = detail as Record<string, unknown>;
  const pairs = Object.entries(others).filter(([, value]) => !isEmpty(value));
  const rest = pairs.map(([name, value]) => `${name}: ${shown(value)}`);
  return [...(typeof asked === 'string' && asked !== '' ? [asked] : []), ...rest].join(' · ');
}

function isEmpty(value: unknown): boolean {
  return value == null || value === '' || (Array.isArray(value) && value.length === 0);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
