export const operators = ['from', 'in', 'mentions', 'before', 'after', 'has', 'is'] as const;
export type Operator = (typeof operators)[number];

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
  readonly quoted: boolean;
  readonly negated: boolean;
  /** The last of all, which may still be being typed. */
  readonly open: boolean;
}
export interface OperatorPart {
  readonly kind: 'operator';
  readonly operator: Operator;
  readonly value: string;
  readonly negated: boolean;
}
export type QueryPart = TextPart | OperatorPart;

const part = new RegExp(
  `(?<minus>-?)(?:(?<operator>${operators.join('|')}):)?(?:["“„](?<quoted>[^"“”]*)(?<closing>["“”]|$)|(?<plain>\\S*))`,
  'iyu',
);
const space = /\s*/uy;

/** What a query asks for, piece by piece. Everything can be read: a quote that is never closed goes on to the end. */
export const partsOf = (query: string): readonly QueryPart[] => {
  const parts: QueryPart[] = [];
  for (let at = 0; at < query.length;) {
    space.lastIndex = at;
    space.exec(query);
    at = space.lastIndex;
    part.lastIndex = at;
    const groups = part.exec(query)?.groups;
    // Every place matches, but at the end and where a lone minus stands with nothing.
    if (groups === undefined || part.lastIndex === at) break;
    at = part.lastIndex;
    const { minus, operator, quoted, plain } = groups;
    const negated = minus === '-';
    const text = quoted ?? plain ?? '';
    if (operator !== undefined) {
      parts.push({ kind: 'operator', operator: operator.toLowerCase() as Operator, value: text, negated });
    } else if (text !== '') {
      parts.push({ kind: 'text', text, quoted: quoted !== undefined, negated, open: at === query.length });
    }
  }
  return parts;
};
