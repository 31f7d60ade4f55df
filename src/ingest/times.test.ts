import { describe, expect, test } from 'vitest';
import { epochTime, parseTime, zoneMinutes } from './times.js';

const received = Date.UTC(2026, 2, 4, 12);

describe('forms that products send', () => {
  test.each([
    ['2026-03-04T09:12:31.1234567Z', '2026-03-04T09:12:31.1234567Z'],
    ['2026-03-04T09:12:31.123456789Z', '2026-03-04T09:12:31.1234567Z'],
    ['2026-03-31T23:59:59Z', '2026-03-31T23:59:59Z'],
    ['2026-03-04T09:12:31+02:00', '2026-03-04T07:12:31Z'],
    ['2019-02-12 14:22:40.697', '2019-02-12T14:22:40.697Z'],
    ['2026-03-04', '2026-03-04T00:00:00Z'],
    ['3/30/2022, 10:52:35.857 AM', '2022-03-30T10:52:35.857Z'],
    ['3/31/2022, 12:18:20.276 AM', '2022-03-31T00:18:20.276Z'],
    ['3/31/2022, 12:18:20 PM', '2022-03-31T12:18:20Z'],
    ['7/8/2019 16:08', '2019-07-08T16:08:00Z'],
    ['Mar 04 2026 09:12:31 GMT', '2026-03-04T09:12:31Z'],
    ['Mar 04 2026 09:12:31.500 CET', '2026-03-04T08:12:31.500Z'],
    ['Mon Mar  2 02:57:01 2020', '2020-03-02T02:57:01Z'],
    ['2026/03/04 09:12:31', '2026-03-04T09:12:31Z'],
    ['Wed, 04 Mar 2026 09:12:31 GMT', '2026-03-04T09:12:31Z'],
  ])('%s', (text, iso) => expect(parseTime(text)).toBe(iso));

  test.each([
    ['1772615551', '2026-03-04T09:12:31Z'],
    ['1772615551000', '2026-03-04T09:12:31Z'],
    ['1772615551250', '2026-03-04T09:12:31.250Z'],
    ['1772615551123456789', '2026-03-04T09:12:31.1234567Z'],
    ['1772615551.25', '2026-03-04T09:12:31.25Z'],
  ])('epoch %s', (text, iso) => expect(epochTime(text)).toBe(iso));

  test.each([
    '',
    'N/A',
    '2026-02-30T00:00:00Z',
    '2026-03-04T25:00:00Z',
    '99/99/2026',
    'Foo 04 2026 09:12:31',
    '12 apples',
  ])('no time: %j', (text) => expect(parseTime(text)).toBeUndefined());

  test('a zone that nobody knows is refused, not read as UTC', () => {
    expect(parseTime('Mar 04 2026 09:12:31 XYZ')).toBeUndefined();
    expect(zoneMinutes('-0700')).toBe(-420);
  });
});

describe('year-less header times', () => {
  test.each([
    ['2026-03-04T12:00:00Z', 'Mar  4 09:12:31', '2026-03-04T09:12:31Z'],
    ['2026-03-04T12:00:00Z', 'Mar  5 11:59:59', '2026-03-05T11:59:59Z'],
    ['2026-03-04T12:00:00Z', 'Mar  5 12:00:01', '2025-03-05T12:00:01Z'],
    ['2026-01-01T00:10:00Z', 'Dec 31 23:59:00', '2025-12-31T23:59:00Z'],
    ['2025-12-31T23:59:00Z', 'Jan  1 00:01:00', '2026-01-01T00:01:00Z'],
    ['2026-03-04T12:00:00Z', 'Feb 29 10:00:00', '2024-02-29T10:00:00Z'],
  ])('received %s: %s', (at, text, iso) => expect(parseTime(text, { receivedAt: Date.parse(at) })).toBe(iso));

  test('the zone option moves the time before the year is settled', () => {
    expect(parseTime('Mar  4 09:12:31', { receivedAt: received, zoneOffsetMinutes: 60 })).toBe('2026-03-04T08:12:31Z');
  });
  test('without a time of reception there is no year', () => expect(parseTime('Mar  4 09:12:31')).toBeUndefined());
});
