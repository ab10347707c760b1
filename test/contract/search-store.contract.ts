import { describe } from 'vitest';
import type { SearchStore } from '../../ports/search-store.ts';
import { checkpointContract } from './document-store-checkpoint.contract.ts';
import type { Open } from './opened.ts';
import { documentOf } from './search-documents.ts';
import { searchFindContract } from './search-store-find.contract.ts';
import { searchPageContract } from './search-store-page.contract.ts';
import { searchWriteContract } from './search-store-write.contract.ts';

/** What every search store does. `open` gives a store without collections each time. */
export const searchStoreContract = (adapterName: string, open: Open<SearchStore>): void => {
  describe(`search store: ${adapterName}`, () => {
    checkpointContract(open, (by) => documentOf(`number ${by}`));
    searchWriteContract(open);
    searchFindContract(open);
    searchPageContract(open);
  });
};
