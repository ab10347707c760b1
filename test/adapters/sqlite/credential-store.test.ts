import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SqliteCredentialStore } from '../../../adapters/sqlite/credential-store.ts';
import { credentialStoreContract } from '../../contract/credential-store.contract.ts';
import { inMemory, onFiles, temporaryPath } from './temporary.ts';

const create = (path: string): SqliteCredentialStore => new SqliteCredentialStore(path);

credentialStoreContract('SQLite, on a file', onFiles(create));
credentialStoreContract('SQLite, in memory', inMemory(create));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('only the owner can read the file and those beside it', async () => {
  const path = temporaryPath('secrets.db');
  await using store = create(path);
  await store.secret('tokens', 32);
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(modeOf(file)).toBe(0o600);
});

test('a file that others could read becomes private when opened', async () => {
  const path = temporaryPath('secrets.db');
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  await using store = create(path);
  await store.secret('tokens', 32);
  expect(modeOf(path)).toBe(0o600);
});
