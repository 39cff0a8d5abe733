// Reports on a schedule, as they are shown and sent.

import type { Schema } from '../../api/client';
import { preferences } from '../../lib/preferences.svelte';

/** A day of the week by its number, 1 (Monday) to 7. */
export function weekday(day: number): string {
  const format = new Intl.DateTimeFormat(preferences.locale, { weekday: 'long', timeZone: 'UTC' });
  // 5 January 1970 was a Monday.
  return format.format((day + 3) * 86_400_000);
}

/** One as it is sent to be changed. */
export function detailsOf(it: Schema['Schedule']): Schema['ScheduleDetails'] {
  const { name, every, day, time, zone, language, receivers, is_disabled } = it;
  return { name, every, day: day ?? null, time, zone, language, receivers, is_disabled };
}

/** The zones of the browser. */
export function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((it) => it !== 'UTC')];
}
