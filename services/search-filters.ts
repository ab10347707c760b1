import { DomainError } from '../domain/errors.ts';
import { Has, Is, mostNamed, type MessageSearch } from '../schemas/search.ts';
import type { OperatorPart, Operator } from '../search/query-parts.ts';
import { periodOf } from './search-period.ts';

/** What is asked for beside the words, as it was written. Of `in`, `from` and `mentions` any one will do, of the others all. */
export interface Filters {
  readonly in: readonly string[];
  readonly notIn: readonly string[];
  readonly from: readonly string[];
  readonly notFrom: readonly string[];
  readonly mentions: readonly string[];
  readonly notMentions: readonly string[];
  readonly has: readonly string[];
  readonly hasNot: readonly string[];
  readonly is: readonly string[];
  readonly isNot: readonly string[];
  readonly before: string | undefined;
  readonly notBefore: string | undefined;
}

export const invalidOperator = (operator: Operator): DomainError =>
  new DomainError('search/invalid-operator', { operator });

const checked = (operator: Operator, values: readonly string[]): readonly string[] => {
  const all = values.map((value) => value.trim());
  if (all.includes('')) throw invalidOperator(operator);
  if (all.length > mostNamed) throw new DomainError('search/too-complex');
  return all;
};

const oneOf = (operator: Operator, values: readonly string[], allowed: readonly string[]): readonly string[] => {
  const lower = checked(operator, values).map((value) => value.toLowerCase());
  if (lower.some((value) => !allowed.includes(value))) throw invalidOperator(operator);
  return lower;
};

const least = (times: readonly string[]): string | undefined => times.toSorted()[0];
const most = (times: readonly string[]): string | undefined => times.toSorted().at(-1);

/** Parameters and operators of the same name, taken together. Throws `search/invalid-operator`, `search/too-complex`. */
export const filtersOf = (
  request: Pick<MessageSearch, 'in' | 'from' | 'mentions' | 'has' | 'is' | 'before' | 'after'>,
  parts: readonly OperatorPart[],
): Filters => {
  const written = (operator: Operator, negated: boolean): readonly string[] =>
    parts.filter((part) => part.operator === operator && part.negated === negated).map(({ value }) => value);
  const periods = (operator: 'before' | 'after') => {
    if (written(operator, true).length > 0) throw invalidOperator(operator);
    const given = request[operator];
    return [...(given === undefined ? [] : [given]), ...written(operator, false)].map((value) => {
      const period = periodOf(value);
      if (period === undefined) throw invalidOperator(operator);
      return period;
    });
  };
  return {
    in: checked('in', [...request.in, ...written('in', false)]),
    notIn: checked('in', written('in', true)),
    from: checked('from', [...request.from, ...written('from', false)]),
    notFrom: checked('from', written('from', true)),
    mentions: checked('mentions', [...request.mentions, ...written('mentions', false)]),
    notMentions: checked('mentions', written('mentions', true)),
    has: oneOf('has', [...request.has, ...written('has', false)], Has.options),
    hasNot: oneOf('has', written('has', true), Has.options),
    is: oneOf('is', [...request.is, ...written('is', false)], Is.options),
    isNot: oneOf('is', written('is', true), Is.options),
    before: least(periods('before').map(({ start }) => start)),
    notBefore: most(periods('after').map(({ end }) => end)),
  };
};
