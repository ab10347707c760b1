import { describe, expect, test } from 'vitest';
import type { SearchStore } from '../../ports/search-store.ts';
import { searchTexts } from '../support/search-corpus.ts';
import { measureQuality, qualityOf } from '../support/search-quality.ts';
import type { Open } from './opened.ts';

/** What a store finds of real traffic and of twelve languages, compared with a scan of every text. */
export const searchQualityContract = (adapterName: string, open: Open<SearchStore>): void => {
  describe(`what is found by search store: ${adapterName}`, () => {
    test('is what a scan of all texts finds, in every language', { timeout: 120_000 }, async () => {
      const { store } = await open();
      await using _ = store;
      const results = await measureQuality(store, searchTexts(100, 3_000));
      expect(results.length).toBeGreaterThanOrEqual(200);
      expect(results.flatMap(({ question, missing }) => (missing.length > 0 ? [[question, missing[0]]] : []))).toEqual(
        [],
      );
      expect(qualityOf(results)).toMatchObject({ recall: 1 });
      expect(qualityOf(results).precision).toBeGreaterThan(0.99);
      expect(qualityOf(results).relevant).toBeGreaterThan(2_000);
    });
  });
};
