import { SqliteSearchStore } from '../../../adapters/sqlite/search-store.ts';
import { searchQualityContract } from '../../contract/search-quality.contract.ts';
import { inMemory } from './temporary.ts';

searchQualityContract(
  'SQLite',
  inMemory((path) => new SqliteSearchStore(path)),
);
