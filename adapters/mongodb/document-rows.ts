import { Long } from 'mongodb';
import type { Document, Write } from '../../ports/document-store.ts';
import { entryKey } from './document-keys.ts';
import type { KeyedIndex, Known } from './known-collection.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A document as MongoDB holds it. A removed one keeps its position, so that an older write cannot bring it back. */
export interface Stored {
  readonly _id: string;
  readonly position: bigint | Long;
  readonly body?: Fields;
  /** Its entry in each index that holds it. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Of the collection's indexes when the entries were made. */
  readonly version: number;
}

/** Throws TypeError for what an index cannot hold. */
export const entryKeys = (body: Fields, indexes: readonly KeyedIndex[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    indexes.flatMap((index) => {
      const entry = entryKey(body, index);
      return entry === undefined ? [] : [[index.key, entry]];
    }),
  );

/** Throws TypeError for what an index cannot hold. */
export const storedRow = ({ version, indexes }: Known, { position, body }: Write): Omit<Stored, '_id'> => {
  const at = Long.fromBigInt(position);
  if (!body) return { position: at, version };
  const fields = body as Fields;
  return { position: at, version, body: fields, keys: entryKeys(fields, indexes) };
};

export const toDocument = <Body extends object>({ _id, position, body }: Stored): Document<Body> => ({
  id: _id,
  position: BigInt(position.toString()),
  body: body as Body,
});
