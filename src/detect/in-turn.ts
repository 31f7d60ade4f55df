const turns = new WeakMap<object, Promise<unknown>>();

/** Runs actions over the same object one after the other; an action that fails does not stop the next. */
export function inTurn<T>(over: object, action: () => Promise<T>): Promise<T> {
  const before = turns.get(over) ?? Promise.resolve();
  const mine = before.then(action, action);
  turns.set(
    over,
    mine.catch(() => {}),
  );
  return mine;
}
