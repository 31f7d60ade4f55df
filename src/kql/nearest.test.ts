import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest.js';

describe('the nearest known name', () => {
  const known = ['SecurityEvent', 'SigninLogs', 'strcat', 'DeviceEvents', 'TimeGenerated'];

  it('is found over a slip of the pen and over case', () => {
    expect(nearestName('SecurtyEvent', known)).toBe('SecurityEvent');
    expect(nearestName('signinlogs', known)).toBe('SigninLogs');
    expect(nearestName('TimeGenreated', known)).toBe('TimeGenerated');
    expect(nearestName('strcatt', known)).toBe('strcat');
  });

  it('is not forced on a name that means something else', () => {
    expect(nearestName('MyParser', known)).toBeUndefined();
    expect(nearestName('abc', ['abd'])).toBeUndefined();
  });
});
