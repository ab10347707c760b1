import { describe, expect } from 'vitest';
import {
  DocumentStoreUnavailable,
  UnknownCollection,
  type CollectionSpec,
  type DocumentStore,
} from '../../ports/document-store.ts';
import { testOn, testReopening, type Open } from './opened.ts';

const things: CollectionSpec = {
  name: 'things.v1.0',
  fields: ['colour', 'size'],
  indexes: [{ name: 'byColour', fields: ['colour', 'size'] }],
};
const other: CollectionSpec = { name: 'others-v1_0', fields: [], indexes: [] };

const everything = { index: 'byColour', equal: [], limit: 1_000 };
const write = (id: string, position: bigint, body?: object) => ({ collection: things.name, id, position, body });

export const writeContract = (open: Open<DocumentStore>): void => {
  const on = (name: string, body: (store: DocumentStore) => Promise<void>): void =>
    testOn(open)(name, async (store) => {
      await store.ensure([things, other]);
      await body(store);
    });

  describe('writing and reading documents', () => {
    on('gives back what was written, by id', async (store) => {
      expect(await store.commit([write('a', 3n, { colour: 'red' }), write('b', 4n, { size: 2 })])).toBe(true);
      expect(await store.get(things.name, 'a')).toEqual({ id: 'a', position: 3n, body: { colour: 'red' } });
      expect(await store.get(things.name, 'b')).toEqual({ id: 'b', position: 4n, body: { size: 2 } });
      expect(await store.get(things.name, 'c')).toBeUndefined();
      expect(await store.get(other.name, 'a')).toBeUndefined();
    });

    on('gives many documents, each once, leaving out what does not exist', async (store) => {
      await store.commit(['a', 'b', 'c'].map((id) => write(id, 1n, { colour: id })));
      const found = await store.getMany(things.name, ['c', 'x', 'a', 'c', 'a']);
      expect(found.toSorted((one, two) => (one.id < two.id ? -1 : 1))).toEqual([
        { id: 'a', position: 1n, body: { colour: 'a' } },
        { id: 'c', position: 1n, body: { colour: 'c' } },
      ]);
      expect(await store.getMany(things.name, [])).toEqual([]);
    });

    on('keeps every JSON value as it is', async (store) => {
      const body = {
        colour: 'é"\\\n\u{1f600}\u2028',
        size: -1.5e-7,
        list: [1, null, true, [], {}, 'x'],
        nested: { deep: { deeper: { 'odd key.$': false } } },
        none: null,
        '': 0,
        'a.b': 1,
        'a"b': 2,
        "it's": 3,
        $set: 4,
        _id: 5,
        id: 6,
        position: 7,
        body: 8,
        COLOUR: 9,
      };
      await store.commit([write('odd', 1n, body)]);
      expect(await store.get(things.name, 'odd')).toEqual({ id: 'odd', position: 1n, body });
      expect(await store.find(things.name, everything)).toEqual([{ id: 'odd', position: 1n, body }]);
    });

    on('keeps documents of one megabyte and positions beyond 2^53', async (store) => {
      const position = 2n ** 53n + 1n;
      const body = { colour: 'é'.repeat(10), text: 'é'.repeat(500_000) };
      await store.commit([write('large', position, body)]);
      expect(await store.get(things.name, 'large')).toEqual({ id: 'large', position, body });
      await store.commit([write('large', position - 1n, { colour: 'stale' })]);
      expect((await store.get(things.name, 'large'))?.position).toBe(position);
      await store.commit([write('large', position + 1n, { colour: 'new' })]);
      expect(await store.get(things.name, 'large')).toEqual({
        id: 'large',
        position: position + 1n,
        body: { colour: 'new' },
      });
    });

    on('takes any text as an id and tells ids apart by every byte', async (store) => {
      const ids = [
        'a',
        'A',
        'a ',
        ' a',
        'é',
        'e\u0301',
        'a/b',
        "it's",
        '"',
        '$',
        '%',
        '',
        '\u{1f600}',
        'x'.repeat(500),
      ];
      await store.commit(ids.map((id, i) => write(id, 1n, { size: i })));
      for (const [i, id] of ids.entries()) {
        expect(await store.get(things.name, id)).toEqual({ id, position: 1n, body: { size: i } });
      }
      expect(await store.count(things.name, { index: 'byColour', equal: [] })).toBe(ids.length);
    });

    on('ignores a write that is not newer than the document', async (store) => {
      await store.commit([write('a', 5n, { colour: 'red' })]);
      for (const position of [4n, 5n, -1n]) {
        expect(await store.commit([write('a', position, { colour: 'blue' })])).toBe(true);
        expect(await store.commit([write('a', position)])).toBe(true);
      }
      expect(await store.get(things.name, 'a')).toEqual({ id: 'a', position: 5n, body: { colour: 'red' } });
      expect(await store.find(things.name, { ...everything, equal: ['blue'] })).toEqual([]);
    });

    on('replaces a document, also in its indexes', async (store) => {
      await store.commit([write('a', 1n, { colour: 'red', size: 1 })]);
      await store.commit([write('a', 2n, { colour: 'blue' })]);
      expect(await store.find(things.name, { ...everything, equal: ['red'] })).toEqual([]);
      expect(await store.find(things.name, { ...everything, equal: ['blue', null] })).toEqual([
        { id: 'a', position: 2n, body: { colour: 'blue' } },
      ]);
    });

    on('removes a document, and never lets an older write bring it back', async (store) => {
      await store.commit([write('a', 1n, { colour: 'red' }), write('never', 9n)]);
      await store.commit([write('a', 5n)]);
      await store.commit([write('a', 4n, { colour: 'red' }), write('a', 5n, { colour: 'red' })]);
      await store.commit([write('never', 8n, { colour: 'red' })]);
      for (const id of ['a', 'never']) expect(await store.get(things.name, id)).toBeUndefined();
      expect(await store.getMany(things.name, ['a', 'never'])).toEqual([]);
      expect(await store.find(things.name, everything)).toEqual([]);
      expect(await store.count(things.name, { index: 'byColour', equal: [] })).toBe(0);
      await store.commit([write('a', 6n, { colour: 'green' })]);
      expect(await store.get(things.name, 'a')).toEqual({ id: 'a', position: 6n, body: { colour: 'green' } });
    });

    on('lets only the newest write of an id in one call count', async (store) => {
      await store.commit([
        write('up', 1n, { colour: 'old' }),
        write('up', 2n, { colour: 'new' }),
        write('down', 2n, { colour: 'new' }),
        write('down', 1n, { colour: 'old' }),
        write('gone', 1n, { colour: 'old' }),
        write('gone', 2n),
        write('back', 2n, { colour: 'new' }),
        write('back', 1n),
        { collection: other.name, id: 'up', position: 1n, body: { colour: 'other' } },
      ]);
      const found = await store.find<{ colour: string }>(things.name, everything);
      expect(found.map(({ id }) => id).toSorted()).toEqual(['back', 'down', 'up']);
      expect(found.every(({ position, body }) => position === 2n && body.colour === 'new')).toBe(true);
      expect((await store.get(other.name, 'up'))?.body).toEqual({ colour: 'other' });
    });

    on('takes what the caller gave at the moment of the call', async (store) => {
      const body = { colour: 'before' };
      const writes = [write('a', 1n, body)];
      const committing = store.commit(writes);
      body.colour = 'after';
      writes.push(write('b', 1n, {}));
      await committing;
      expect(await store.get(things.name, 'a')).toEqual({ id: 'a', position: 1n, body: { colour: 'before' } });
      expect(await store.get(things.name, 'b')).toBeUndefined();
    });

    on('refuses what an index cannot hold and writes nothing', async (store) => {
      for (const colour of [['red'], { name: 'red' }]) {
        const writes = [write('a', 1n, { colour: 'red' }), write('b', 1n, { colour })];
        await expect(store.commit(writes)).rejects.toBeInstanceOf(TypeError);
      }
      expect(await store.find(things.name, everything)).toEqual([]);
    });

    on('refuses to write to or read from a collection that does not exist', async (store) => {
      const missing = { collection: 'missing', id: 'b', position: 1n, body: {} };
      const refusal = await store.commit([write('a', 1n, {}), missing]).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(UnknownCollection);
      expect(refusal).toMatchObject({ name: 'UnknownCollection', collection: 'missing' });
      expect(await store.get(things.name, 'a')).toBeUndefined();
      await expect(store.get('missing', 'a')).rejects.toBeInstanceOf(UnknownCollection);
      await expect(store.getMany('missing', ['a'])).rejects.toBeInstanceOf(UnknownCollection);
      await expect(store.find('missing', everything)).rejects.toBeInstanceOf(UnknownCollection);
      await expect(store.count('missing', everything)).rejects.toBeInstanceOf(UnknownCollection);
    });

    on('is unavailable once closed', async (store) => {
      await store[Symbol.asyncDispose]();
      await expect(store.commit([write('a', 1n, {})])).rejects.toBeInstanceOf(DocumentStoreUnavailable);
      await expect(store.get(things.name, 'a')).rejects.toBeInstanceOf(DocumentStoreUnavailable);
      await expect(store.find(things.name, everything)).rejects.toBeInstanceOf(DocumentStoreUnavailable);
      await expect(store.checkpoint('a')).rejects.toBeInstanceOf(DocumentStoreUnavailable);
      await store[Symbol.asyncDispose]();
    });

    testReopening(open)('keeps documents, removals and checkpoints when opened again', async (store, reopen) => {
      await store.ensure([things]);
      await store.commit([write('a', 1n, { colour: 'red' }), write('b', 5n)], { name: 'c', from: undefined, to: 5n });
      await store[Symbol.asyncDispose]();
      await using again = await reopen();
      expect(await again.collections()).toEqual([things.name]);
      await again.commit([write('b', 4n, { colour: 'red' })]);
      expect(await again.find(things.name, { ...everything, equal: ['red'] })).toEqual([
        { id: 'a', position: 1n, body: { colour: 'red' } },
      ]);
      expect(await again.checkpoint('c')).toBe(5n);
    });
  });
};
