import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { MongoCredentialStore } from '../../../adapters/mongodb/credential-store.ts';
import { CredentialStoreUnavailable } from '../../../ports/credential-store.ts';
import { credentialStoreContract } from '../../contract/credential-store.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { newDatabase, onNewDatabases, openOn } from './opened.ts';

describeWith(['mongodb'], 'credential store on MongoDB', ({ mongodb }) => {
  credentialStoreContract(
    'MongoDB',
    onNewDatabases(mongodb, (connection) => new MongoCredentialStore(connection)),
  );

  test('lets one of fifty sessions of a device stay that race for it', async () => {
    await using store = await openOn(newDatabase(mongodb.url), (connection) => new MongoCredentialStore(connection));
    const at = new Date().toISOString();
    const session = { userId: 'u1', deviceId: 'd1', generation: 0, createdAt: at, lastSeenAt: at, rotatedAt: at };
    const ids = Array.from({ length: 50 }, (_, i) => `s${i}`);
    await Promise.all(ids.map((sessionId) => store.startSession({ ...session, sessionId })));
    expect(await store.sessionsOf('u1')).toHaveLength(1);
  });

  test('puts nothing into the database of everything else', async () => {
    const url = newDatabase(mongodb.url);
    await using store = await openOn(url, (connection) => new MongoCredentialStore(connection));
    await store.secret('tokens', 32);
    const client = new MongoClient(url);
    expect(await client.db().collections()).toEqual([]);
    await client.close();
  });

  test('says that it is unavailable while the server is down, and works again afterwards', async (context) => {
    const server = mongodb.process(context);
    await using store = await openOn(newDatabase(mongodb.url), (connection) => new MongoCredentialStore(connection));
    const secret = await store.secret('tokens', 32);
    await server.stop();
    await expect(store.secret('tokens', 32)).rejects.toBeInstanceOf(CredentialStoreUnavailable);
    await expect(store.rotate('s1', 0, '')).rejects.toBeInstanceOf(CredentialStoreUnavailable);
    await server.start();
    expect(await store.secret('tokens', 32)).toEqual(secret);
  });
});
