import type { Document, Write } from '../../ports/document-store.ts';
import type { SearchDocument } from '../../ports/search-store.ts';

/** What is left of a document that was removed, so that an older write cannot bring it back. */
interface Removed {
  readonly id: string;
  readonly position: string;
  readonly removed: true;
}

/** A document as it stands in its index. The position is text: numbers above 2^53 come back rounded. */
export type Stored = Removed | (SearchDocument & { readonly id: string; readonly position: string });

export const isThere = (stored: Stored): stored is Exclude<Stored, Removed> => !('removed' in stored);

const toStored = ({ id, position, body }: Write): Stored => {
  const place = { id, position: position.toString() };
  return body === undefined ? { ...place, removed: true } : { ...(body as SearchDocument), ...place };
};

export const toDocument = <Body extends object>(stored: Exclude<Stored, Removed>): Document<Body> => {
  const { id, position, ...body } = stored;
  return { id, position: BigInt(position), body: body as object as Body };
};

/**
 * The two lines of a bulk request that put a document in place of an older one: OpenSearch compares the versions, up to
 * 2^63, which are written digit by digit.
 */
export const bulkLines = (write: Write): string => {
  const version = `"version":${write.position},"version_type":"external"`;
  return `{"index":{"_id":${JSON.stringify(write.id)},${version}}}\n${JSON.stringify(toStored(write))}\n`;
};
