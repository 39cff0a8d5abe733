// When rows of a class go. Source: crates/upkeep/src/expire.rs.

const DAY_MS = 86_400_000;

/** Rows of a class, and the first of their days: `2026-11-22`. */
export interface Part {
  class: string;
  first: string;
}

export interface Kept {
  class: string;
  /** Midday of the last day on which all is there; `undefined` for ever. */
  until: number | undefined;
  days: number | undefined;
}

/** What goes first; `classes` has the days for which each keeps, `null` for ever. */
export function earliest(parts: Part[], classes: Map<string, number | null>): Kept | undefined {
  const all = parts.map((it): Kept => {
    // What is held is in no class that ends.
    const days = classes.get(it.class) ?? undefined;
    const midday = Date.parse(`${it.first}T12:00:00Z`);
    const until = days === undefined ? undefined : midday + days * DAY_MS;
    return { class: it.class, days, until };
  });
  return all.toSorted((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity))[0];
}
