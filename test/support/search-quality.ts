import type { SearchStore } from '../../ports/search-store.ts';
import { textQueryOf } from '../../search/clauses.ts';
import { indexedText } from '../../search/indexed.ts';
import { partsOf } from '../../search/query-parts.ts';
import { questions, typed, type Question } from './search-questions.ts';
import { scan, scannable } from './search-scan.ts';

export interface Quality {
  readonly question: Question;
  readonly relevant: number;
  readonly found: number;
  readonly both: number;
  /** Texts that should have been found, and that should not. */
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
}

const collection = 'quality';
const perCommit = 1_000;

/** Puts the texts into the index and compares what every question finds with what a scan of all texts says. */
export const measureQuality = async (store: SearchStore, texts: readonly string[]): Promise<readonly Quality[]> => {
  await store.ensure([{ name: collection, fields: [], indexes: [] }]);
  for (let start = 0; start < texts.length; start += perCommit) {
    const writes = texts.slice(start, start + perCommit).map((text, i) => ({
      collection,
      id: String(start + i),
      position: BigInt(start + i),
      body: {
        ...indexedText(text),
        labels: [],
        group: 'g',
        author: 'a',
        seq: start + i + 1,
        at: new Date(1_517_443_200_000 + start + i).toISOString(),
        kept: {},
      },
    }));
    await store.commit(writes);
  }
  const scanned = texts.map((text) => scannable(text));
  const results: Quality[] = [];
  for (const question of questions) {
    const query = textQueryOf(partsOf(typed(question)).filter((part) => part.kind === 'text'));
    const { hits } = await store.search(collection, {
      ...query,
      visible: 'all',
      sort: 'newest',
      limit: 10_000,
      facets: 0,
    });
    const found = new Set(hits.map(({ id }) => texts[Number(id)]!));
    const relevant = new Set(scan(scanned, question));
    results.push({
      question,
      relevant: relevant.size,
      found: found.size,
      both: found.intersection(relevant).size,
      missing: [...relevant.difference(found)],
      wrong: [...found.difference(relevant)],
    });
  }
  return results;
};

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

export interface QualityRow {
  readonly questions: number;
  readonly relevant: number;
  readonly precision: number;
  readonly recall: number;
}

/** Over all questions of a kind together. */
export const qualityOf = (results: readonly Quality[]): QualityRow => {
  const sum = (pick: (result: Quality) => number): number => results.reduce((total, result) => total + pick(result), 0);
  const both = sum((result) => result.both);
  return {
    questions: results.length,
    relevant: sum((result) => result.relevant),
    precision: share(
      both,
      sum((result) => result.found),
    ),
    recall: share(
      both,
      sum((result) => result.relevant),
    ),
  };
};
