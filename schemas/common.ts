import { z } from 'zod';
import { Timestamp, Uuid } from '../domain/ids.ts';
import { refusals, type RefusalCode } from '../domain/errors.ts';

export { Timestamp, Uuid };

const codes = Object.keys(refusals) as [RefusalCode, ...RefusalCode[]];

/** RFC 9457 problem details. Codes may carry parameters of their own beside these fields. */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string().optional(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

const digits = /^\d{1,15}$/;

/** A whole number in a query: digits and nothing else. */
export const wholeNumber = ({ min = 0, max = 999_999_999_999_999 }: { readonly min?: number; readonly max?: number }) =>
  z
    .preprocess(
      (text) => (typeof text === 'string' && digits.test(text) ? Number(text) : Number.NaN),
      z.int({ error: 'must be a whole number' }).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
    )
    .meta({ type: 'integer', minimum: min, maximum: max });

export const Limit = wholeNumber({ min: 1, max: 200 }).default(50);
export const Cursor = z.string().min(1).max(1024);
export const Paging = { cursor: Cursor.optional(), limit: Limit };

/** A page: `next` is an opaque cursor, null on the last one. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
