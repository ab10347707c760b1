import { SqliteSnapshotStore } from '../../../adapters/sqlite/snapshot-store.ts';
import { snapshotStoreContract } from '../../contract/snapshot-store.contract.ts';
import { inMemory, onFiles } from './temporary.ts';

const create = (path: string): SqliteSnapshotStore => new SqliteSnapshotStore(path);

snapshotStoreContract('SQLite, on a file', onFiles(create));
snapshotStoreContract('SQLite, in memory', inMemory(create));
