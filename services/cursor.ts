import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';

/** Where the next page begins, as clients carry it: opaque text. */
export const encodeCursor = (place: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** The place in a cursor; undefined without one. Throws `request/invalid` when it is not of the shape. */
export const decodeCursor = <Place extends z.ZodType>(
  shape: Place,
  cursor: string | undefined,
): z.infer<Place> | undefined => {
  if (cursor === undefined) return undefined;
  const parsed = z.safeParse(shape, parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new DomainError('request/invalid', { errors: [{ path: 'query.cursor', message: 'must be a cursor' }] });
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};
