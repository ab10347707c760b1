import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileStorage } from '../../client/storage/file.ts';
import { MemoryStorage } from '../../client/storage/memory.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { clientStorageContract } from '../contract/client-storage.contract.ts';

clientStorageContract('memory', async () => {
  const storage = new MemoryStorage();
  return { storage, reopen: () => Promise.resolve(storage), [Symbol.asyncDispose]: () => storage.close() };
});

const temporaryFile = async () => {
  const folder = await temporaryFolder();
  return { file: path.join(folder.folder, 'client'), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
};

clientStorageContract('a file', async () => {
  const folder = await temporaryFile();
  const storage = await openFileStorage(folder.file);
  return {
    storage,
    reopen: () => openFileStorage(folder.file),
    async [Symbol.asyncDispose]() {
      await storage.close();
      await folder[Symbol.asyncDispose]();
    },
  };
});

describe('a file of a client', () => {
  it('holds whole writes and no part of one, wherever a crash has cut it off', async () => {
    await using folder = await temporaryFile();
    const storage = await openFileStorage(folder.file);
    const states: ReadonlyMap<string, unknown>[] = [new Map()];
    const ends: number[] = [0];
    for (let count = 1; count <= 6; count += 1) {
      await storage.write(
        new Map<string, unknown>([
          ['count', count],
          [`entry/${count}`, 'é'.repeat(count)],
          [`entry/${count - 2}`, undefined],
        ]),
      );
      states.push(await storage.read(''));
      ends.push((await stat(folder.file)).size);
    }
    await storage.close();
    const whole = await readFile(folder.file);
    for (let length = ends[4]!; length <= whole.length; length += 1) {
      await writeFile(folder.file, whole.subarray(0, length));
      const again = await openFileStorage(folder.file);
      const last = ends.findLastIndex((end) => end <= length);
      expect(await again.read('')).toEqual(states[last]);
      await again.write(new Map([['after', length]]));
      await again.close();
      const later = await openFileStorage(folder.file);
      expect(await later.read('')).toEqual(new Map([...states[last]!, ['after', length]]));
      await later.close();
    }
  });

  it('ignores what a crash has left at its end', async () => {
    await using folder = await temporaryFile();
    const storage = await openFileStorage(folder.file);
    await storage.write(new Map([['a', 1]]));
    await storage.close();
    await appendFile(folder.file, '[["a",2],["b"\n');
    const again = await openFileStorage(folder.file);
    expect(await again.read('')).toEqual(new Map([['a', 1]]));
    await again.close();
    await truncate(folder.file, 0);
    const empty = await openFileStorage(folder.file);
    expect(await empty.read('')).toEqual(new Map());
    await empty.close();
  });

  it('stays about as large as what is in it, however often that is written', async () => {
    await using folder = await temporaryFile();
    const storage = await openFileStorage(folder.file);
    const large = 'x'.repeat(100_000);
    for (let count = 0; count < 40; count += 1) {
      await storage.write(new Map<string, unknown>([[`entry/${count % 3}`, `${count}${large}`]]));
    }
    expect((await stat(folder.file)).size).toBeLessThan(1_300_000);
    const before = await storage.read('');
    await storage.close();
    const again = await openFileStorage(folder.file);
    expect(await again.read('')).toEqual(before);
    expect(before.size).toBe(3);
    await again.close();
  });
});
