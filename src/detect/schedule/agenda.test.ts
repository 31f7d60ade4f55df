import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.js';
import { anchorOf, dueAt, nominalFrom, type Schedule, timing } from './timing.js';

const minute = 60_000;
const hour = 60 * minute;
const anchor = Date.UTC(2026, 2, 4, 10);
const hourly: Schedule = { kind: 'Scheduled', anchor, frequencyMs: hour };
const agendaOf = (now: number, settled: readonly number[] = [], from = anchor) =>
  new Agenda(hourly, from, now, new Set(settled));

/** Does everything that is due at a moment, and tells the nominal times. */
function work(agenda: Agenda, now: number): number[] {
  const done: number[] = [];
  for (let nominal = agenda.due(now); nominal !== undefined; nominal = agenda.due(now)) {
    done.push((nominal - anchor) / hour);
    agenda.settle(nominal);
  }
  return done;
}

describe('nominal times', () => {
  it('come five minutes, for NRT two minutes before their run', () => {
    expect(dueAt({ kind: 'Scheduled' }, anchor) - anchor).toBe(5 * minute);
    expect(dueAt({ kind: 'NRT' }, anchor) - anchor).toBe(2 * minute);
  });

  it('are multiples of the frequency from the anchor, however late a run is', () => {
    const agenda = agendaOf(anchor);
    expect(agenda.due(anchor + 5 * minute - 1)).toBeUndefined();
    expect(agenda.due(anchor + 5 * minute)).toBe(anchor);
    agenda.settle(anchor);
    // Half an hour late, then on time again: the next nominal time did not move.
    expect(work(agenda, anchor + hour + 35 * minute)).toEqual([1]);
    expect(agenda.wakeAt()).toBe(anchor + 2 * hour + 5 * minute);
  });

  it('begin in the minute in which a rule is seen, or at its start time', () => {
    expect(anchorOf(undefined, anchor + 59_999)).toBe(anchor);
    expect(anchorOf(anchor + 3 * hour, anchor)).toBe(anchor + 3 * hour);
    expect(nominalFrom(hourly, anchor + 1)).toBe(anchor + hour);
    expect(nominalFrom(hourly, anchor - 9 * hour)).toBe(anchor);
  });
});

describe('an agenda', () => {
  it('fills the gaps of the ledger first, the oldest first', () => {
    const agenda = agendaOf(anchor + 5 * hour, [anchor, anchor + 2 * hour, anchor + 3 * hour]);
    expect(agenda.behind(anchor + 5 * hour)).toBe(2);
    expect(work(agenda, anchor + 6 * hour + 5 * minute)).toEqual([1, 4, 5, 6]);
  });

  it('does what came due while nobody looked', () => {
    const agenda = agendaOf(anchor);
    expect(work(agenda, anchor + 3 * hour + 5 * minute)).toEqual([0, 1, 2, 3]);
  });

  it('gives up what lies further back than gaps are filled', () => {
    const agenda = agendaOf(anchor + 4 * hour, []);
    expect(agenda.forgetBefore(anchor + 3 * hour)).toBe(3);
    expect(work(agenda, anchor + 4 * hour + 5 * minute)).toEqual([3, 4]);
    const sleeping = agendaOf(anchor);
    expect(sleeping.forgetBefore(anchor + 10 * hour)).toBe(10);
    expect(work(sleeping, anchor + 11 * hour + 5 * minute)).toEqual([10, 11]);
  });

  it('comes back to what it passed over, and goes on meanwhile', () => {
    const agenda = agendaOf(anchor);
    const now = anchor + hour + 5 * minute;
    agenda.passOver(anchor, now);
    expect(work(agenda, now)).toEqual([1]);
    expect(agenda.behind(now)).toBe(1);
    expect(work(agenda, now + timing.passedOverMs)).toEqual([0, 2]);
  });
});
