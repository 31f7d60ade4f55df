import type { Rel } from '../ir/index.js';
import type { Context } from './context.js';

/**
 * What some operators must know about the data before their result columns are known: the properties of a bag, the values
 * of a column. The question is a relation; its rows are the answer.
 */
export interface Question {
  readonly rel: Rel;
}

export type Answer = readonly (readonly unknown[])[];

/** Ends a lowering that needs an answer. Questions come in the same order each time, so answers are known by position. */
export class NeedsAnswer extends Error {
  constructor(readonly question: Question) {
    super('the columns of this query depend on data');
  }
}

/** The answer to the next question of this lowering. */
export function ask(cx: Context, rel: Rel): Answer {
  const { facts } = cx.session;
  const answer = facts.answers[facts.asked];
  facts.asked += 1;
  if (!answer) throw new NeedsAnswer({ rel });
  return answer;
}

export interface Facts {
  readonly answers: readonly Answer[];
  asked: number;
}
