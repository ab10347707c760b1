import { expect } from 'vitest';
import { fold, RecallNeeded, type Context, type Decider, type Message } from '../../domain/decider.ts';
import { DomainError, type RefusalCode } from '../../domain/errors.ts';

const thrownBy = (decide: () => unknown): unknown => {
  try {
    decide();
  } catch (error) {
    return error;
  }
  return expect.unreachable('the command was accepted');
};

/** Scenarios of one decider: `given(...events).when(command, context).thenEvents(...events)`. */
export const scenario = <S, C extends Message, E extends Message, F>(decider: Decider<S, C, E, F>) => {
  const from = (state: S) => ({
    /** What a read model has told after the history. */
    knowing: (...facts: readonly F[]) => from(decider.recall?.(state, facts) ?? state),
    when: (command: C, context: Context) => {
      const decide = (): readonly E[] => decider.decide(command, state, context);
      return {
        thenEvents: (...expected: readonly E[]) => expect(decide()).toEqual(expected),
        thenNothing: () => expect(decide()).toEqual([]),
        thenRefused: (code: RefusalCode) => {
          const error = thrownBy(decide);
          if (!(error instanceof DomainError)) throw error;
          expect(error.code).toBe(code);
        },
        thenRecalls: (...keys: readonly string[]) => {
          const error = thrownBy(decide);
          if (!(error instanceof RecallNeeded)) throw error;
          expect(error.keys).toEqual(keys);
        },
      };
    },
  });
  return { given: (...history: readonly E[]) => from(fold(decider, history)) };
};
