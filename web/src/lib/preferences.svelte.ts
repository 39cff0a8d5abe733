// How one likes what is shown: language, colours, zone. Kept in the browser, and with the user.

import { api } from '../api/client';

export type Language = 'en' | 'it';
export type Theme = 'system' | 'light' | 'dark';
export type Zone = 'local' | 'utc';

const KEY = 'waybill';

interface Kept {
  language?: Language;
  theme?: Theme;
  zone?: Zone;
}

function kept(): Kept {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Kept;
  } catch {
    return {};
  }
}

class Preferences {
  language = $state<Language>(
    kept().language ?? (navigator.language.startsWith('it') ? 'it' : 'en'),
  );
  theme = $state<Theme>(kept().theme ?? 'system');
  zone = $state<Zone>(kept().zone ?? 'local');
  #system = $state(matchMedia('(prefers-color-scheme: dark)').matches);

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => (this.#system = dark.matches));
  }

  get isDark(): boolean {
    return this.theme === 'dark' || (this.theme === 'system' && this.#system);
  }

  /** For `Intl`: numbers and times as Europeans write them. */
  get locale(): string {
    return this.language === 'it' ? 'it-IT' : 'en-GB';
  }

  /** For `Intl` and for the API's `zone`. */
  get timeZone(): string {
    return this.zone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  set(changes: Kept) {
    Object.assign(this, changes);
    const { language, theme, zone } = this;
    localStorage.setItem(KEY, JSON.stringify({ language, theme, zone }));
    if (!('language' in changes || 'zone' in changes)) return;
    const body = { language, time_zone: this.timeZone };
    // It holds in this browser anyway.
    api.put('/api/v1/me/preferences', { body }).catch(() => {});
  }

  toggleZone() {
    this.set({ zone: this.zone === 'utc' ? 'local' : 'utc' });
  }
}

export const preferences = new Preferences();
