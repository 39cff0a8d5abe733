// Who one is, and what one may.

import { api, onExpired, Problem, type Schema } from '../api/client';
import { preferences } from './preferences.svelte';
import { forget } from './recent';

export type Me = Schema['Me'];
export type Right =
  | 'read_mail'
  | 'read_events'
  | 'send_events'
  | 'read_sources'
  | 'run_upkeep'
  | 'manage_customers'
  | 'manage_users'
  | 'manage_keys'
  | 'manage_webhooks'
  | 'manage_alerts'
  | 'manage_schedules'
  | 'read_audit'
  | 'save_searches';

class Session {
  /** `undefined` until it is known, `null` for nobody. */
  me = $state.raw<Me | null>();
  /** The session ended while somebody was at work. */
  isExpired = $state(false);
  /** Why it is not known. */
  problem = $state.raw<Problem>();
  /** Changes with each login, so that what was asked before is asked anew. */
  turn = $state(0);

  may(right: Right): boolean {
    return this.me?.rights.includes(right) ?? false;
  }

  /** Whether all mail is seen; customers and mailbox users see theirs. */
  get seesAll(): boolean {
    return this.me?.reach === 'everything';
  }

  async load() {
    try {
      this.me = await api.get('/api/v1/me');
      this.problem = undefined;
      preferences.takeOver(this.me.preferences);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 401) this.me = null;
      else this.problem = error;
    }
  }

  async login(login: string, password: string, code?: string) {
    const body = { login, password, ...(code ? { code } : {}) };
    await api.post('/api/v1/session', { body });
    this.isExpired = false;
    await this.load();
    this.turn += 1;
  }

  async logout() {
    await api.remove('/api/v1/session').catch(() => {});
    forget();
    this.me = null;
    this.isExpired = false;
  }
}

export const session = new Session();

onExpired(() => {
  if (session.me) session.isExpired = true;
});
