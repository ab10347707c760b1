import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../../app/demo/run-cli.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { startEventStoreDb } from '../servers/event-store-db.ts';
import { describeWith } from '../servers/suite.ts';
import { startLocally } from '../support/local-server.ts';

const nowhere = '127.0.0.1:1';

describeWith(['mongodb', 'redis'], 'parley doctor on servers', ({ mongodb, redis }) => {
  test('names each server that cannot be reached, and goes on past it', async () => {
    await using temporary = await temporaryFolder();
    const { code, output } = await runCli(['doctor', '--data-dir', path.join(temporary.folder, 'none')], {
      EVENTSTOREDB_URL: `esdb://${nowhere}?tls=false`,
      MONGODB_URL: `mongodb://ann:secret@${nowhere}/chat`,
      REDIS_URL: redis.url,
    });
    expect(output).toContain('✘ EVENTSTOREDB_URL: EventStoreDB cannot be reached');
    expect(output).toMatch(/✘ MONGODB_URL: MongoDB cannot be reached: .*127\.0\.0\.1:1/);
    expect(output).toMatch(/✔ Redis \d\S* answers \(REDIS_URL\)/);
    expect(output).toContain('2 things need attention');
    expect(output).not.toContain('secret');
    expect(code).toBe(1);
  });

  test('tells what can be told while one of them is stopped, and finds all well when it is back', async (context) => {
    const mongo = mongodb.process(context);
    await using eventStore = await startEventStoreDb();
    await using temporary = await temporaryFolder();
    const env = { EVENTSTOREDB_URL: eventStore.url, MONGODB_URL: newDatabase(mongodb.url), REDIS_URL: redis.url };
    const doctor = () => runCli(['doctor', '--data-dir', temporary.folder], env);
    {
      await using parley = await startLocally(temporary.folder, env);
      await parley.services.accounts.register({ username: 'ann', password: 'correct horse' });
      await parley.readModels.waitFor(['profiles'], await parley.ports.events.head());
    }
    await mongo.stop();
    const without = await doctor();
    expect(without.output).toMatch(/✔ EventStoreDB 24\.2\S* answers/);
    expect(without.output).toContain('✘ MONGODB_URL: MongoDB cannot be reached');
    expect(without.output).toMatch(/✔ the log holds \d+ events of \d+ streams/);
    expect(without.output).toContain('1 thing needs attention');
    expect(without.code).toBe(1);
    await mongo.start();
    await eventStore.kill9();
    const withoutLog = await doctor();
    expect(withoutLog.output).toContain('✘ EVENTSTOREDB_URL: EventStoreDB cannot be reached');
    expect(withoutLog.output).toMatch(/✔ MongoDB \d\S* answers/);
    expect(withoutLog.code).toBe(1);
    await eventStore.start();
    const whole = await doctor();
    expect(whole.output).toMatch(/✔ read model feed\S* is up to date/);
    expect(whole.output).toContain('any number of processes may share the work');
    expect(whole.code).toBe(0);
  }, 60_000);

  test('says that Redis wants another password', async (context) => {
    context.skip(redis.url.includes('@'), 'the server has a password already');
    await using temporary = await temporaryFolder();
    const { code, output } = await runCli(['doctor', '--data-dir', temporary.folder], {
      REDIS_URL: redis.url.replace('redis://', 'redis://nobody:wrong@'),
    });
    expect(output).toContain('✘ REDIS_URL: Redis does not accept the user or the password of the URL');
    expect(output).not.toContain('wrong@');
    expect(code).toBe(1);
  });
});
