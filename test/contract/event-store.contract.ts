import { describe } from 'vitest';
import type { EventStore } from '../../ports/event-store.ts';
import { appendContract } from './event-store-append.contract.ts';
import { readContract } from './event-store-read.contract.ts';
import { subscribeContract } from './event-store-subscribe.contract.ts';
import type { Open } from './opened.ts';

/** What every event store does. `open` gives an empty log each time. */
export const eventStoreContract = (adapterName: string, open: Open<EventStore>): void => {
  describe(`event store: ${adapterName}`, () => {
    appendContract(open);
    readContract(open);
    subscribeContract(open);
  });
};
