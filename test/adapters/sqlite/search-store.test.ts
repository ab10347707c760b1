import { SqliteSearchStore } from '../../../adapters/sqlite/search-store.ts';
import { searchStoreContract } from '../../contract/search-store.contract.ts';
import { inMemory, onFiles } from './temporary.ts';

const create = (path: string): SqliteSearchStore => new SqliteSearchStore(path);

searchStoreContract('SQLite, on a file', onFiles(create));
searchStoreContract('SQLite, in memory', inMemory(create));
