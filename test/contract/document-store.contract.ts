import { describe } from 'vitest';
import type { DocumentStore } from '../../ports/document-store.ts';
import { checkpointContract } from './document-store-checkpoint.contract.ts';
import { collectionContract } from './document-store-collection.contract.ts';
import { rangeContract } from './document-store-range.contract.ts';
import { writeContract } from './document-store-write.contract.ts';
import type { Open } from './opened.ts';

/** What every document store does. `open` gives a store without collections each time. */
export const documentStoreContract = (adapterName: string, open: Open<DocumentStore>): void => {
  describe(`document store: ${adapterName}`, () => {
    collectionContract(open);
    writeContract(open);
    checkpointContract(open);
    rangeContract(open);
  });
};
