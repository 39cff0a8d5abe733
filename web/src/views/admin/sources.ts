// Who sends lines, by host.

/** A program of a host, as a source was heard from it. */
export interface Speaker {
  source: string;
  host: string;
  program: string;
  lines: number;
  duplicate: number;
  unknown: number;
  /** Lines a second, of late. */
  rate: number;
  last: string;
  /** How far its clock is behind ours; after it where it is negative. */
  clock_ms: number;
  dropped: number;
  cut: number;
  refused: number;
  connections: number;
}

/** A source or host, with what its programs are together. */
export interface Heard extends Omit<Speaker, 'program'> {
  speakers: Speaker[];
}

/** A host that was silent for longer is marked, milliseconds. As `waybill sources` has it. */
export const SILENT_MS = 900_000;
/** A clock that is off by more is marked, milliseconds. As `waybill sources` has it. */
export const SKEW_MS = 5_000;

export function byHost(speakers: Speaker[]): Heard[] {
  const all = new Map<string, Speaker[]>();
  for (const it of speakers) {
    const key = `${it.source} ${it.host}`;
    all.set(key, [...(all.get(key) ?? []), it]);
  }
  return [...all.values()].map(together);
}

function together(speakers: Speaker[]): Heard {
  const sum = (of: (it: Speaker) => number) => speakers.reduce((sum, it) => sum + of(it), 0);
  const first = speakers[0]!;
  const skews = speakers.map((it) => it.clock_ms).sort((a, b) => Math.abs(b) - Math.abs(a));
  return {
    // These are counted of a source as a whole.
    ...first,
    speakers,
    lines: sum((it) => it.lines),
    duplicate: sum((it) => it.duplicate),
    unknown: sum((it) => it.unknown),
    rate: sum((it) => it.rate),
    last: speakers
      .map((it) => it.last)
      .sort()
      .at(-1)!,
    clock_ms: skews[0]!,
  };
}
