import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Open } from '../../contract/opened.ts';

/** A path in a folder of its own, removed after the test. */
export const temporaryPath = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
};

/** Stores on files that can be opened again. */
export const onFiles =
  <Store extends AsyncDisposable>(create: (path: string) => Store): Open<Store> =>
  async () => {
    const path = temporaryPath('store.db');
    return { store: create(path), reopen: async () => create(path) };
  };

/** Stores that live in memory and end when closed. */
export const inMemory =
  <Store extends AsyncDisposable>(create: (path: string) => Store): Open<Store> =>
  async () => ({ store: create(':memory:') });
