import { MongoBulkWriteError, type AnyBulkWriteOperation, type Collection, type Filter, type WithoutId } from 'mongodb';
import type { Document as Fields } from 'mongodb';

export interface Replacement<Stored extends Fields & { _id: string }> {
  readonly id: string;
  /** Holds for a stored document that is older. */
  readonly isOlder: Filter<Stored>;
  readonly replacement: WithoutId<Stored>;
}

/** So many that their answer comes soon enough from a slow server, too. */
const atOnce = 250;

const duplicates = (error: unknown): readonly number[] => {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  const isAll = failures.length > 0 && failures.every(({ code }) => code === 11_000);
  if (!isAll || error.result.getWriteConcernError() !== undefined) throw error;
  return failures.map(({ index }) => index);
};

/**
 * Puts each document in place of an older one, or where there is none; leaves newer ones as they are, and lets none of
 * them hold up the others. Each id at most once.
 */
export const replaceOlder = async <Stored extends Fields & { _id: string }>(
  collection: Collection<Stored>,
  replacements: readonly Replacement<Stored>[],
): Promise<void> => {
  for (let i = 0; i < replacements.length; i += atOnce)
    await replaceSome(collection, replacements.slice(i, i + atOnce));
};

const replaceSome = async <Stored extends Fields & { _id: string }>(
  collection: Collection<Stored>,
  replacements: readonly Replacement<Stored>[],
): Promise<void> => {
  const write = async (some: readonly Replacement<Stored>[], upsert: boolean): Promise<void> => {
    const operations = some.map(({ id, isOlder, replacement }): AnyBulkWriteOperation<Stored> => {
      const filter = { _id: id, ...isOlder } as Filter<Stored>;
      return { replaceOne: { filter, replacement, upsert } };
    });
    await collection.bulkWrite(operations, { ordered: false });
  };
  try {
    await write(replacements, true);
  } catch (error) {
    // A duplicate is newer, or else someone made it a moment ago with an older one: only a second look can tell.
    const present = duplicates(error).map((index) => replacements[index]!);
    await write(present, false);
  }
};
