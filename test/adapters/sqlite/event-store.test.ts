import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { eventStoreContract } from '../../contract/event-store.contract.ts';
import { inMemory, onFiles } from './temporary.ts';

eventStoreContract(
  'SQLite, on a file',
  onFiles((path) => new SqliteEventStore(path, { pollMs: 20 })),
);
eventStoreContract(
  'SQLite, in memory, without looking for what others wrote',
  inMemory((path) => new SqliteEventStore(path, { pollMs: 3_600_000 })),
);
