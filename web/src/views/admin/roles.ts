// Who may make whom. Source: crates/tenancy/src/role.rs; docs/customers.md has the same.

export const ROLES = [
  'owner',
  'operator',
  'support',
  'auditor',
  'customer_admin',
  'mailbox_user',
] as const;
export type Role = (typeof ROLES)[number];

/** Roles of users that somebody of a role may manage. */
export function managed(role: string): readonly Role[] {
  if (role === 'owner') return ROLES;
  if (role === 'operator') return ['support', 'customer_admin', 'mailbox_user'];
  return role === 'customer_admin' ? ['customer_admin', 'mailbox_user'] : [];
}

/** Whether users of a role belong to a customer: they must, may, or cannot. */
export function ofCustomer(role: Role): 'must' | 'may' | 'cannot' {
  if (role === 'customer_admin') return 'must';
  return role === 'mailbox_user' ? 'may' : 'cannot';
}
