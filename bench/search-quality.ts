import { SqliteSearchStore } from '../adapters/sqlite/search-store.ts';
import type { SearchStore } from '../ports/search-store.ts';
import { searchTexts } from '../test/support/search-corpus.ts';
import { measureQuality, qualityOf, type Quality } from '../test/support/search-quality.ts';
import { printTable } from './statistics.ts';

const ofEachLanguage = 300;

const rowOf = (name: string, results: readonly Quality[]): readonly string[] => {
  const { questions, relevant, precision, recall } = qualityOf(results);
  return [name, String(questions), String(relevant), precision.toFixed(4), recall.toFixed(4)];
};

/** Precision and recall of what a store finds, against a scan of all texts. */
export const printQuality = async (product: string, store: SearchStore): Promise<void> => {
  const texts = searchTexts(ofEachLanguage);
  const results = await measureQuality(store, texts);
  const head = ['', 'questions', 'answers', 'precision', 'recall'];
  printTable(`What ${product} finds in ${texts.length} messages`, [
    head,
    ...[...Map.groupBy(results, ({ question }) => question.kind)].map(([kind, group]) => rowOf(kind, group)),
    ...[...Map.groupBy(results, ({ question }) => question.language)].map(([language, group]) =>
      rowOf(language, group),
    ),
    rowOf('all', results),
  ]);
};

export const benchSearchQuality = async (): Promise<void> => {
  await using store = new SqliteSearchStore(':memory:');
  await printQuality('SQLite FTS5', store);
};
