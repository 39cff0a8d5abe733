// How one likes what is shown: language, colours, zone. Kept in the browser, and with the user.

import { api, type Schema } from '../api/client';

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

const systemZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

class Preferences {
  /** What was chosen; the rest is as the browser has it. */
  #chosen = $state.raw<Kept>(kept());
  #isSystemDark = $state(matchMedia('(prefers-color-scheme: dark)').matches);
  /** The browser's; dear to ask, and each time that is shown wants it. */
  systemZone = $state(systemZone());

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => (this.#isSystemDark = dark.matches));
    // Who travels opens the lid again.
    addEventListener('visibilitychange', () => (this.systemZone = systemZone()));
  }

  get language(): Language {
    return this.#chosen.language ?? (navigator.language.startsWith('it') ? 'it' : 'en');
  }

  get theme(): Theme {
    return this.#chosen.theme ?? 'system';
  }

  get zone(): Zone {
    return this.#chosen.zone ?? 'local';
  }

  get isDark(): boolean {
    return this.theme === 'dark' || (this.theme === 'system' && this.#isSystemDark);
  }

  /** For `Intl`: numbers and times as Europeans write them. */
  get locale(): string {
    return this.language === 'it' ? 'it-IT' : 'en-GB';
  }

  /** For `Intl` and for the API's `zone`. */
  get timeZone(): string {
    return this.zone === 'utc' ? 'UTC' : this.systemZone;
  }

  set(changes: Kept) {
    this.#chosen = { ...this.#chosen, ...changes };
    localStorage.setItem(KEY, JSON.stringify(this.#chosen));
    if (!('language' in changes || 'zone' in changes)) return;
    const { language, zone } = this.#chosen;
    const body = { language: language ?? null, time_zone: zone ? this.timeZone : null };
    // It holds in this browser anyway.
    api.put('/api/v1/me/preferences', { body }).catch(() => {});
  }

  /** What was chosen in another browser holds where nothing was chosen in this one. */
  takeOver(likes: Schema['Likes'] | null | undefined) {
    const language = likes?.language;
    const there: Kept = {};
    if (language === 'en' || language === 'it') there.language = language;
    if (likes?.time_zone) there.zone = likes.time_zone === 'UTC' ? 'utc' : 'local';
    this.#chosen = { ...there, ...this.#chosen };
  }

  toggleZone() {
    this.set({ zone: this.zone === 'utc' ? 'local' : 'utc' });
  }
}

export const preferences = new Preferences();
