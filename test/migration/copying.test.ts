import { existsSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { EventStoreDbEventStore } from '../../adapters/eventstoredb/event-store.ts';
import { MongoCredentialStore } from '../../adapters/mongodb/credential-store.ts';
import { MongoDocumentStore } from '../../adapters/mongodb/document-store.ts';
import { SqliteCredentialStore } from '../../adapters/sqlite/credential-store.ts';
import { SqliteDocumentStore } from '../../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../../adapters/sqlite/event-store.ts';
import { FolderInUse, lockFolder } from '../../adapters/sqlite/folder-lock.ts';
import { loadConfig } from '../../app/config.ts';
import { openPorts } from '../../app/ports.ts';
import { runCli } from '../../app/demo/run-cli.ts';
import { beforeLog, EventStoreUnavailable } from '../../ports/event-store.ts';
import { newDatabase, openOn } from '../adapters/mongodb/opened.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { foreignLog } from '../contract/log-copy.contract.ts';
import { startEventStoreDb } from '../servers/event-store-db.ts';
import { describeWith } from '../servers/suite.ts';
import { killAt, migrateHere, textOf, writeLog } from './copying.ts';

describeWith(['mongodb'], 'A migration', ({ mongodb }) => {
  test('a copy that is killed again and again is finished by the next run', async () => {
    await using temporary = await temporaryFolder();
    await using esdb = await startEventStoreDb();
    const folder = path.join(temporary.folder, 'data');
    const log = foreignLog(6_000, 300);
    await writeLog(folder, log);
    const servers = { EVENTSTOREDB_URL: esdb.url };
    await using store = new EventStoreDbEventStore({ url: esdb.url });
    const args = ['migrate', '--to', 'server', '--data-dir', folder];
    const ids = async () => (await store.readLog(beforeLog, log.length + 1)).map(({ id }) => id);
    let head = beforeLog;
    for (let kills = 0; kills < 2; kills += 1) {
      const before = head;
      await killAt(args, servers, async () => (await store.head()) > before);
      const there = await ids();
      expect(there).toEqual(log.slice(0, there.length).map(({ id }) => id));
      expect(there.length).toBeLessThan(log.length);
      head = await store.head();
    }
    await killAt(args, servers, async (output) => output.includes('Verifying'));
    expect(existsSync(path.join(folder, 'events.db'))).toBe(true);
    expect(await runCli(args, servers)).toMatchObject({
      code: 0,
      output: expect.stringContaining('6000 events of 300 streams'),
    });
    const there = await store.readLog(beforeLog, log.length + 1);
    expect(there.map(textOf)).toEqual(log.map(textOf));
    expect(existsSync(path.join(folder, 'events.db'))).toBe(false);
    expect(existsSync(path.join(folder, 'events.moved.db'))).toBe(true);
  }, 180_000);

  test('what is broken off while places change is finished before anything is opened', async () => {
    await using temporary = await temporaryFolder();
    await using esdb = await startEventStoreDb();
    const folder = path.join(temporary.folder, 'data');
    const log = foreignLog(30, 3);
    await writeLog(folder, log);
    const servers = { EVENTSTOREDB_URL: esdb.url };
    await migrateHere('server', folder, servers);
    const file = (name: string) => path.join(folder, name);
    renameSync(file('events.moved.db'), file('events.db'));
    const plan = { to: 'server', moved: ['events'], reactions: [['reaction:some', '7']] };
    writeFileSync(file('migration.json'), JSON.stringify(plan));
    for (const env of [{}, servers]) {
      const opening = openPorts(loadConfig({ DATA_DIR: folder, ...env }), { exclusive: false });
      await expect(opening).rejects.toThrow('is not finished: run parley migrate again');
    }
    await expect(migrateHere('embedded', folder, servers)).rejects.toThrow('to server was broken off');
    expect(await migrateHere('server', folder, servers)).toBeUndefined();
    expect([existsSync(file('events.moved.db')), existsSync(file('events.db'))]).toEqual([true, false]);
    await expect(migrateHere('server', folder, servers)).rejects.toThrow('holds nothing that a server is named for');
    await expect(openPorts(loadConfig({ DATA_DIR: folder }), { exclusive: false })).rejects.toThrow(
      'set EVENTSTOREDB_URL',
    );
    await using documents = new SqliteDocumentStore(file('read-models.db'));
    expect(await documents.checkpointsStarting('')).toEqual(new Map([['reaction:some', 7n]]));
  }, 60_000);

  test('a copy outlives the death and return of EventStoreDB', async () => {
    await using temporary = await temporaryFolder();
    await using esdb = await startEventStoreDb();
    const folder = path.join(temporary.folder, 'data');
    const log = foreignLog(5_000, 200);
    await writeLog(folder, log);
    const running = runCli(['migrate', '--to', 'server', '--data-dir', folder], { EVENTSTOREDB_URL: esdb.url });
    await using store = new EventStoreDbEventStore({ url: esdb.url });
    await expect
      .poll(async () => (await store.readLog(beforeLog, 1_000)).length, { timeout: 20_000, interval: 5 })
      .toBeGreaterThan(100);
    await esdb.kill9();
    await esdb.start();
    expect(await running).toMatchObject({ code: 0, output: expect.stringContaining('5000 events of 200 streams') });
  }, 60_000);

  test('what would be mixed with something else is refused in a line, and nothing is changed', async () => {
    await using temporary = await temporaryFolder();
    await using esdb = await startEventStoreDb();
    const folder = path.join(temporary.folder, 'data');
    const log = foreignLog(20, 3);
    await writeLog(folder, log);
    const onServers = { EVENTSTOREDB_URL: esdb.url };
    const nothing = 'Set EVENTSTOREDB_URL, MONGODB_URL or both';
    await expect(migrateHere('server', folder, {})).rejects.toThrow(nothing);
    await expect(migrateHere('embedded', folder, {})).rejects.toThrow(nothing);
    const nowhere = { EVENTSTOREDB_URL: 'esdb://127.0.0.1:1?tls=false' };
    await expect(migrateHere('server', folder, nowhere)).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(migrateHere('embedded', folder, onServers)).rejects.toThrow('holds an event log already');

    const mongo = { MONGODB_URL: newDatabase(mongodb.url) };
    await using other = await openOn(mongo.MONGODB_URL, (connection) => new MongoCredentialStore(connection));
    await other.secret('access-tokens', 32);
    await using own = new SqliteCredentialStore(path.join(folder, 'secrets.db'));
    await own.secret('access-tokens', 32);
    await expect(migrateHere('server', folder, mongo)).rejects.toThrow('There is a secret in the target already');

    await using store = new EventStoreDbEventStore({ url: esdb.url });
    await store.append(log[0]!.stream, [{ ...log[0]!, id: crypto.randomUUID() }], -1);
    expect(await runCli(['migrate', '--to', 'server', '--data-dir', folder], onServers)).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /^Event 0 of conversation-\S+ is not in the source at that place. Choose an empty target\n$/,
      ),
    });
    expect(await store.readLog(beforeLog, 10)).toHaveLength(1);

    {
      using _held = lockFolder(folder);
      await expect(migrateHere('server', folder, onServers)).rejects.toBeInstanceOf(FolderInUse);
    }
    await using unchanged = new SqliteEventStore(path.join(folder, 'events.db'));
    expect(await unchanged.readLog(beforeLog, 100)).toEqual(log);
  }, 60_000);

  test('reactions go on where they were: what was done once is not done again', async () => {
    await using temporary = await temporaryFolder();
    await using esdb = await startEventStoreDb();
    const folder = path.join(temporary.folder, 'data');
    const log = foreignLog(100, 5);
    await writeLog(folder, log);
    const [name, to] = ['reaction:erase-members', log[41]!.position];
    {
      await using documents = new SqliteDocumentStore(path.join(folder, 'read-models.db'));
      await documents.commit([], { name, from: undefined, to });
      await documents.commit([], { name: 'live:feed', from: undefined, to: 1n });
    }
    const servers = { EVENTSTOREDB_URL: esdb.url, MONGODB_URL: newDatabase(mongodb.url) };
    await migrateHere('server', folder, servers);
    await using store = new EventStoreDbEventStore({ url: esdb.url });
    const { position } = (await store.readLog(beforeLog, 100))[41]!;
    await using documents = await openOn(servers.MONGODB_URL, (connection) => new MongoDocumentStore(connection));
    expect(await documents.checkpointsStarting('')).toEqual(new Map([[name, position]]));
    await migrateHere('embedded', folder, servers);
    await using back = new SqliteDocumentStore(path.join(folder, 'read-models.db'));
    expect(await back.checkpointsStarting('')).toEqual(new Map([[name, position]]));
  }, 60_000);
});
