/** Where the present comes from. Nothing but `systemClock` reads the wall clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still at the given time. */
export const fixedClock = (time: Date | number): Clock => ({ now: () => Number(time) });
