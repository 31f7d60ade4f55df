const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/**
 * Reads a duration as rule files write it.
 *
 * Shape   `1d`, `5h`, `30m`, `90s`, `1d12h`; ISO 8601 `P1D`, `PT5H`, `P1DT30M`, `P2W`; timespan `1.00:00:00`
 * Units   milliseconds
 * Errors  undefined for anything else; months and years too, as they have no fixed length
 */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase().replaceAll(/\s+/g, '');
  const short = /^(?:\d+[dhms])+$/.test(compact) ? [...compact.matchAll(/(\d+)([dhms])/g)] : undefined;
  if (short) return short.reduce((sum, [, n, unit]) => sum + Number(n) * unitMs[unit as keyof typeof unitMs], 0);

  const iso = /^p(?=[\dt])(?:(\d+)w)?(?:(\d+)d)?(?:t(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?$/.exec(compact);
  if (iso) {
    const [w, d, h, m, s] = iso.slice(1).map((n) => Number(n ?? 0)) as [number, number, number, number, number];
    return (w * 7 + d) * unitMs.d + h * unitMs.h + m * unitMs.m + s * unitMs.s;
  }

  const timespan = /^(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(compact);
  if (timespan) {
    const [d, h, m, s] = timespan.slice(1).map((n) => Number(n ?? 0)) as [number, number, number, number];
    return d * unitMs.d + h * unitMs.h + m * unitMs.m + s * unitMs.s;
  }
  return undefined;
}

/** Milliseconds in the short form of rule files: `1d`, `1h30m`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}
