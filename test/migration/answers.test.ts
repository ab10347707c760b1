import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startParley, type Parley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';
import { runCli } from '../../app/demo/run-cli.ts';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { clientOf } from '../api/accounts-client.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { startEventStoreDb } from '../servers/event-store-db.ts';
import { describeWith } from '../servers/suite.ts';
import { cheapPasswords } from '../support/local-server.ts';
import { settle, type Community } from './community.ts';
import { differences, readEverything, type Readable } from './everything-readable.ts';

type Environment = Readonly<Record<string, string>>;

const start = (folder: string, env: Environment = {}): Promise<Parley> =>
  startParley(
    loadConfig({
      PORT: '0',
      DATA_DIR: folder,
      RATE_LIMITS: 'off',
      LOG_LEVEL: 'silent',
      ACCESS_TOKEN_SECONDS: '86400',
      ...env,
    }),
    { passwordCost: cheapPasswords },
  );

/** Nothing that is kept. */
const ephemeral = new Set(['/v1/presence']);

/** What each of them is told, with the tokens of before; the one who has erased his account is told nothing. */
const readAs = async (
  { url }: Parley,
  { people, conversationIds }: Community,
  after?: string,
): Promise<{ readonly answers: readonly Readable[]; readonly asked: ReadonlySet<string> }> => {
  const client = clientOf(url);
  const asked = new Set<string>();
  const known = { userIds: people.map(({ userId }) => userId), conversationIds };
  const answers: Readable[] = [];
  for (const { token } of people) answers.push(await readEverything({ client, token, after }, known, asked));
  return { answers, asked };
};

const expectSame = (before: readonly Readable[], now: readonly Readable[]): void => {
  expect(now.flatMap((answers, i) => differences(before[i]!, answers))).toEqual([]);
};

const readableAddresses = async ({ url }: Parley): Promise<readonly string[]> => {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  return Object.entries(document.paths).flatMap(([address, methods]) => ('get' in methods ? [address] : []));
};

const ready = async ({ url }: Parley): Promise<void> => {
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 15_000 }).toBe(200);
};

describeWith(['mongodb'], 'Moving between a folder and servers', ({ mongodb }) => {
  test('every user gets every answer as before, with the tokens of before, there and back again', async () => {
    await using temporary = await temporaryFolder();
    await using esdb = await startEventStoreDb();
    const servers = { EVENTSTOREDB_URL: esdb.url, MONGODB_URL: newDatabase(mongodb.url) };
    const folder = path.join(temporary.folder, 'data');
    let community: Community;
    let before: readonly Readable[];
    {
      await using embedded = await start(folder);
      community = await settle(clientOf(embedded.url), 70);
      await ready(embedded);
      const { answers, asked } = await readAs(embedded, community, community.position);
      before = answers;
      expect(asked).toEqual(new Set(await readableAddresses(embedded)).difference(ephemeral));
      expect(before.map(({ size }) => size).every((size) => size > 5)).toBe(true);
    }
    const moved = await runCli(['migrate', '--to', 'server', '--data-dir', folder], servers);
    expect(moved).toMatchObject({ code: 0, output: expect.stringMatching(/\d+ events of \d+ streams are there/) });
    let sent: string;
    {
      await using onServers = await start(folder, servers);
      await ready(onServers);
      expectSame(before, (await readAs(onServers, community)).answers);
      const client = clientOf(onServers.url);
      const [ann] = community.people;
      const refreshed = await client.ask('POST', '/sessions/refresh', { body: { refreshToken: ann!.refreshToken } });
      expect(refreshed.status).toBe(201);
      const address = `/conversations/${community.conversationIds[0]!}/messages/${crypto.randomUUID()}`;
      const answer = await client.ask('PUT', address, { token: ann!.token, body: { text: 'from the servers' } });
      expect(answer.status).toBe(201);
      sent = answer.headers.get('parley-position')!;
      before = (await readAs(onServers, community, sent)).answers;
    }
    await start(folder).then(
      () => expect.fail('The folder was opened without its log'),
      (error: unknown) => expect(String(error)).toContain('were moved to a server: set EVENTSTOREDB_URL'),
    );
    const returned = await runCli(['migrate', '--to', 'embedded', '--data-dir', folder], servers);
    expect(returned).toMatchObject({ code: 0 });
    expect(existsSync(path.join(folder, 'incoming'))).toBe(false);
    await using again = await start(folder);
    await ready(again);
    // Positions are kept on the way back, so that what was written there can still be waited for.
    expectSame(before, (await readAs(again, community, sent)).answers);
  }, 120_000);
});
