import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { connectMongo, UnusableMongoDb } from '../../../adapters/mongodb/connection.ts';
import { MongoDocumentStore } from '../../../adapters/mongodb/document-store.ts';
import type { CollectionSpec, IndexRange } from '../../../ports/document-store.ts';
import { mongoKind } from '../../servers/kinds.ts';
import { ServerProcess } from '../../servers/server-process.ts';
import { describeWith } from '../../servers/suite.ts';
import { newDatabase, openOn } from './opened.ts';

const things: CollectionSpec = {
  name: 'things.v1.0',
  fields: ['colour', 'size'],
  indexes: [
    { name: 'byColour', fields: ['colour', 'size'] },
    { name: 'bySize', fields: ['size'], sparse: true },
  ],
};
const open = (url: string): Promise<MongoDocumentStore> =>
  openOn(url, (connection) => new MongoDocumentStore(connection));

/** The names of the steps of a query plan, from the outermost. */
const stages = (plan: unknown): string[] => {
  if (typeof plan !== 'object' || plan === null) return [];
  const { stage, inputStage, queryPlanner, winningPlan } = plan as Readonly<Record<string, unknown>>;
  return [...(typeof stage === 'string' ? [stage] : []), ...[inputStage, queryPlanner, winningPlan].flatMap(stages)];
};

describeWith(['mongodb'], 'documents in MongoDB', ({ mongodb }) => {
  test('let the newest write win, whoever makes the document first', async () => {
    const url = newDatabase(mongodb.url);
    await using one = await open(url);
    await using two = await open(url);
    await one.ensure([things]);
    for (let round = 0; round < 20; round += 1) {
      const ids = Array.from({ length: 30 }, (_, i) => `${round}-${i}`);
      const writesAt = (position: bigint) =>
        ids.map((id) => ({ collection: things.name, id, position, body: { size: Number(position) } }));
      await Promise.all([1n, 4n, 2n, 3n].map((position, i) => [one, two][i % 2]!.commit(writesAt(position))));
      const found = await one.getMany(things.name, ids);
      expect(found.map(({ position }) => position)).toEqual(ids.map(() => 4n));
    }
  });

  test('are found by their index and sorted by it, in every shape of range', async () => {
    await using store = await open(newDatabase(mongodb.url));
    await store.ensure([things]);
    const ranges: readonly IndexRange[] = [
      { index: 'byColour', equal: [] },
      { index: 'byColour', equal: ['red'] },
      { index: 'byColour', equal: ['red', 1] },
      { index: 'byColour', equal: ['red'], greaterThan: [1] },
      { index: 'byColour', equal: [], atLeast: ['red', 1], lessThan: ['teal'] },
      { index: 'bySize', equal: [], atMost: [5] },
    ];
    for (const range of ranges) {
      for (const reverse of [false, true]) {
        const steps = stages(await store.explain(things.name, { ...range, reverse, limit: 5 }));
        expect(steps).toContain('IXSCAN');
        expect(steps).not.toContain('SORT');
        expect(steps).not.toContain('COLLSCAN');
      }
    }
  });

  test('are shown to analysts as columns, without the removed ones', async () => {
    const url = newDatabase(mongodb.url);
    await using store = await open(url);
    await store.ensure([things]);
    await store.commit([
      { collection: things.name, id: 'a', position: 1n, body: { colour: 'red', size: 1, other: true } },
      { collection: things.name, id: 'b', position: 1n, body: { colour: 'blue' } },
      { collection: things.name, id: 'c', position: 1n },
    ]);
    await store.expose('things', things);
    const client = new MongoClient(url);
    const seen = await client.db().collection('things').find().sort({ _id: 1 }).toArray();
    await client.close();
    expect(seen).toEqual([
      { _id: 'a', colour: 'red', size: 1 },
      { _id: 'b', colour: 'blue' },
    ]);
    await expect(store.ensure([{ ...things, name: 'things' }])).rejects.toBeInstanceOf(TypeError);
    await expect(store.expose(things.name, things)).rejects.toBeInstanceOf(TypeError);
    await store.drop([things.name]);
    await store.ensure([{ ...things, name: 'things' }]);
  });

  test('get the entries of a changed index, also those written by a node that does not know it yet', async () => {
    const url = newDatabase(mongodb.url);
    await using one = await open(url);
    await using two = await open(url);
    const changed: CollectionSpec = { ...things, indexes: [{ name: 'byColour', fields: ['size'] }] };
    const write = (id: string, size: number) => ({ collection: things.name, id, position: 1n, body: { size } });
    await one.ensure([things]);
    await two.commit(Array.from({ length: 1_200 }, (_, i) => write(`early-${i}`, i)));
    await one.ensure([changed]);
    await two.commit([write('late', -1)]);
    for (const store of [one, two]) {
      const found = await store.find(things.name, { index: 'byColour', equal: [], limit: 3 });
      expect(found.map(({ id }) => id)).toEqual(['late', 'early-0', 'early-1']);
      expect(await store.count(things.name, { index: 'byColour', equal: [] })).toBe(1_201);
    }
  });

  test('leave nothing behind when they are written to a collection that another has dropped', async () => {
    const url = newDatabase(mongodb.url);
    await using one = await open(url);
    await using two = await open(url);
    await one.ensure([things]);
    await two.commit([{ collection: things.name, id: 'a', position: 1n, body: {} }]);
    await one.drop([things.name]);
    await two.commit([{ collection: things.name, id: 'b', position: 9n, body: {} }]).catch(() => {});
    const client = new MongoClient(url);
    const names = (await client.db().collections()).map(({ collectionName }) => collectionName);
    await client.close();
    expect(names).not.toContain(things.name);
  });

  test('that hold what MongoDB cannot are refused as such, and not tried again and again', async () => {
    await using store = await open(newDatabase(mongodb.url));
    await store.ensure([things]);
    const bodies = [{ nested: { 'a\u0000b': 1 } }, { text: 'x'.repeat(17_000_000) }];
    for (const body of bodies) {
      const write = { collection: things.name, id: 'a', position: 1n, body };
      await expect(store.commit([write])).rejects.toBeInstanceOf(TypeError);
    }
  });

  test('need a replica set, and a database of the name that the URL has', async (context) => {
    mongodb.process(context);
    const kind = mongoKind()!;
    await using single = await ServerProcess.start({
      ...kind,
      args: (port, folder) => [...kind.args(port, folder), '--standalone'],
    });
    const refused = connectMongo(`mongodb://127.0.0.1:${single.port}`);
    await expect(refused).rejects.toBeInstanceOf(UnusableMongoDb);
    const { host, search } = new URL(mongodb.url);
    for (const [url, name] of [
      [mongodb.url, 'parley'],
      [`mongodb://${host}/${search}`, 'parley'],
      [`mongodb://${host}/chat${search}`, 'chat'],
    ] as const) {
      await using connection = await connectMongo(url);
      expect(connection.main.databaseName).toBe(name);
      expect(connection.secrets.databaseName).toBe(`${name}-secrets`);
    }
  });
});
