import type { IndexRange, IndexSpec, Scalar } from '../../ports/document-store.ts';

/**
 * An index entry is one text, made of a document's values so that the texts are ordered as the tuples are: MongoDB
 * itself puts booleans behind text and compares only values of one type with each other. A range of tuples is then a
 * range of one field.
 */
const tags = { null: '1', false: '2', true: '3', number: '4', text: '5' } as const;
/** Greater than every tag. */
const beyond = '~';

/** Ends a text; less than whatever may stand in one. */
const end = '\u0001';
const escaped = (text: string): string =>
  text.replaceAll('\u0002', '\u0002\u0004').replaceAll('\u0001', '\u0002\u0003').replaceAll('\u0000', '\u0002\u0002');

const signBit = 1n << 63n;
const allBits = (1n << 64n) - 1n;
const view = new DataView(new ArrayBuffer(8));

/** Sixteen hexadecimal digits in the order of the numbers. */
const numberKey = (value: number): string => {
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigUint64(0);
  const ordered = bits & signBit ? ~bits & allBits : bits | signBit;
  return ordered.toString(16).padStart(16, '0');
};

/** Throws TypeError for what no index can hold. */
const scalarKey = (value: unknown): string => {
  if (value === null || value === undefined) return tags.null;
  if (typeof value === 'boolean') return value ? tags.true : tags.false;
  if (typeof value === 'number' && Number.isFinite(value)) return tags.number + numberKey(value);
  if (typeof value === 'string') return tags.text + escaped(value) + end;
  throw new TypeError('An index holds text, finite numbers, booleans and null only');
};

/** A document's entry in an index; undefined when the index does not hold it. Throws TypeError. */
export const entryKey = (
  body: Readonly<Record<string, unknown>>,
  { fields, sparse }: IndexSpec,
): string | undefined => {
  const keys = fields.map((field) => scalarKey(Object.hasOwn(body, field) ? body[field] : null));
  return sparse && keys.includes(tags.null) ? undefined : keys.join('');
};

/** Throws TypeError unless every bound is a scalar. */
const tupleKey = (bounds: readonly Scalar[]): string => {
  if (bounds.some((bound) => bound === undefined)) throw new TypeError('A bound of a range is undefined');
  return bounds.map((bound) => scalarKey(bound)).join('');
};

const check = ({ name, fields }: IndexSpec, range: IndexRange): void => {
  const { equal, greaterThan, atLeast, lessThan, atMost } = range;
  const free = fields.length - equal.length;
  if (free < 0) throw new TypeError(`Index ${name} has ${fields.length} fields, the range fixes ${equal.length}`);
  if (greaterThan && atLeast) throw new TypeError('A range has one lower bound');
  if (lessThan && atMost) throw new TypeError('A range has one upper bound');
  for (const [bound, edge] of Object.entries({ greaterThan, atLeast, lessThan, atMost })) {
    if (!edge || (edge.length > 0 && edge.length <= free)) continue;
    throw new TypeError(`${bound} has ${edge.length} values, index ${name} has ${free} fields after the equal ones`);
  }
};

/** What the entries of the range are at least, and less than. Throws TypeError when the range does not fit. */
export const keyRange = (index: IndexSpec, range: IndexRange): { readonly from: string; readonly below: string } => {
  check(index, range);
  const { greaterThan, atLeast, lessThan, atMost } = range;
  const prefix = tupleKey(range.equal);
  const from = tupleKey(greaterThan ?? atLeast ?? []) + (greaterThan ? beyond : '');
  const below = tupleKey(lessThan ?? atMost ?? []) + (lessThan ? '' : beyond);
  return { from: prefix + from, below: prefix + below };
};
