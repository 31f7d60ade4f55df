import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.js';

describe('durations', () => {
  it.each([
    ['1d', 86_400_000],
    ['5h', 18_000_000],
    ['30m', 1_800_000],
    ['90s', 90_000],
    ['1d12h', 129_600_000],
    [' 1D ', 86_400_000],
    ['14 d', 14 * 86_400_000],
    ['PT5H', 18_000_000],
    ['P1D', 86_400_000],
    ['P1DT30M', 88_200_000],
    ['P2W', 14 * 86_400_000],
    ['PT0S', 0],
    ['1.00:00:00', 86_400_000],
    ['05:00:00', 18_000_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', 'P', 'PT', 'P1M', 'P1Y', '1', '1x', 'd', '-1d', '1.5h', 'soon'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('writes the short form', () => {
    expect([86_400_000, 5_400_000, 0].map(formatDuration)).toEqual(['1d', '1h30m', '0s']);
  });
});
