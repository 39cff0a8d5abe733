// Times of the wall clock in a zone, and back.

/** Year, month from 1, day, hour, minute, second; parts beyond their bounds carry over. */
export type Civil = [number, number, number, number?, number?, number?];

function utc([year, month, day, hour = 0, minute = 0, second = 0]: Civil): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** What the clock shows at a moment, in milliseconds since 1970. */
export function civil(at: number, zone: string): Required<Civil> {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const parts = Object.fromEntries(
    format.formatToParts(at).map((it) => [it.type, Number(it.value)]),
  );
  const names = ['year', 'month', 'day', 'hour', 'minute', 'second'];
  return names.map((it) => parts[it] ?? 0) as Required<Civil>;
}

/** When the clock shows this; where it never does, as much later as it was put forward. */
export function instant(shown: Civil, zone: string): number {
  const wanted = utc(shown);
  const offset = (at: number) => utc(civil(at, zone)) - Math.floor(at / 1000) * 1000;
  return wanted - offset(wanted - offset(wanted));
}

/** A moment, so many days and months of the calendar later. */
export function shifted(at: number, zone: string, by: { days?: number; months?: number }): number {
  const [year, month, day, ...clock] = civil(at, zone);
  const months = month + (by.months ?? 0);
  // The 31st becomes the last of a shorter month.
  const last = new Date(Date.UTC(year, months, 0)).getUTCDate();
  const then = by.months ? Math.min(day, last) : day;
  return (
    instant([year, months, then + (by.days ?? 0), ...clock], zone) + (((at % 1000) + 1000) % 1000)
  );
}
