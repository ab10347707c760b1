import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import { documentStoreContract } from '../../contract/document-store.contract.ts';
import { inMemory, onFiles } from './temporary.ts';

const create = (path: string): SqliteDocumentStore => new SqliteDocumentStore(path);

documentStoreContract('SQLite, on a file', onFiles(create));
documentStoreContract('SQLite, in memory', inMemory(create));
