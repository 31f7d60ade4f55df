import { expect, it } from 'vitest';
import { allEntries } from '../functions/index.js';
import { ownFunctions } from '../kql/index.js';

it('the functions that the binder is told of are those of the function table', () => {
  const own = allEntries().filter((entry) => entry.name.startsWith('_Vedette_'));
  expect(ownFunctions.map((f) => f.name).sort()).toEqual(own.map((entry) => entry.name).sort());
});
