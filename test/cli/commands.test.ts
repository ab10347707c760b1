import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Parley } from '../../app/compose.ts';
import { ChatClient } from '../../app/demo/client/chat-client.ts';
import { Rest } from '../../app/demo/client/rest.ts';
import { compareDumps, dumpReadModels } from '../../app/demo/checks/read-model-dump.ts';
import { runCli } from '../../app/demo/run-cli.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { startLocally } from '../support/local-server.ts';

describe('The command line, beside a running server', () => {
  const scope = new AsyncDisposableStack();
  let server: Parley;
  let folder: string;
  let ada: ChatClient;

  const parley = (args: readonly string[], environment: Record<string, string> = {}) =>
    runCli([...args, '--data-dir', folder], environment);
  const doctor = () => parley(['doctor'], { HOST: '127.0.0.1', PORT: String(server.port) });
  const rolesOfAda = async () => {
    const { platformRoles } = (await server.readModels.profiles.user(ada.userId))!;
    return platformRoles;
  };

  beforeAll(async () => {
    folder = scope.use(await temporaryFolder()).folder;
    server = scope.use(await startLocally(folder));
    const rest = scope.use(new Rest(server.url));
    ada = new ChatClient(rest, { username: 'ada', password: 'secret of ada' });
    await ada.register();
    await ada.login();
    const { conversationId } = await ada.start({ kind: 'group', name: 'Room' });
    for (let index = 0; index < 20; index += 1)
      await ada.send(conversationId, { text: `number ${index}` }, { via: 'rest' });
  });
  afterAll(() => scope.disposeAsync());

  it('grants a role and withdraws it, which the server sees at once', async () => {
    expect(await parley(['grant', 'ada', 'operator'])).toEqual({ code: 0, output: 'ada has the role operator\n' });
    await expect.poll(rolesOfAda).toEqual(['operator']);
    expect(await parley(['grant', 'ada', 'operator'])).toMatchObject({
      output: 'ada has the role operator (as before)\n',
    });
    expect(await parley(['grant', 'ada', 'operator', '--withdraw'])).toMatchObject({ code: 0 });
    await expect.poll(rolesOfAda).toEqual([]);
  });

  it.each([
    ['a user who is not there', ['grant', 'nobody', 'operator'], 'There is no user nobody'],
    ['a role that is none', ['grant', 'ada', 'emperor'], 'There is no role emperor'],
    ['a read model that is none', ['rebuild', 'everything'], 'There is no read model everything'],
  ])('says that there is no such thing: %s', async (_what, args, words) => {
    const { code, output } = await parley(args);
    expect(output).toContain(words);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  it('rebuilds a read model while the server reads from it', async () => {
    const live = await dumpReadModels(folder);
    const { code, output } = await parley(['rebuild', 'timeline']);
    expect(output).toMatch(/timeline: timeline\.v\d+\.2 is in use now/);
    expect(code).toBe(0);
    expect(compareDumps(live, await dumpReadModels(folder))).toEqual([]);
    const [{ conversation } = expect.fail('the feed is empty')] = await ada.feed();
    expect(await ada.history(conversation.conversationId)).toHaveLength(20);
  });

  it('finds everything well', async () => {
    await expect.poll(doctor, { timeout: 10_000 }).toMatchObject({ code: 0 });
    const { output } = await doctor();
    expect(output).toContain(`a server runs on ${folder}`);
    expect(output).toContain('says that it is ready');
    expect(output).toMatch(/the log holds \d+ events of \d+ streams/);
    expect(output).toMatch(/read model feed\.v\d+\.\d+ is up to date/);
    expect(output).toContain('All is well.');
  });

  it('finds that nothing answers where the server should', async () => {
    const { code, output } = await parley(['doctor'], { HOST: '127.0.0.1', PORT: '1' });
    expect(output).toContain('✘ a server holds the folder, but nothing answers');
    expect(code).toBe(1);
  });

  it('finds that there is no data folder', async () => {
    const { code, output } = await runCli(['doctor', '--data-dir', path.join(folder, 'elsewhere')]);
    expect(output).toContain('✘ there is no data folder');
    expect(code).toBe(1);
  });

  it('finds an empty folder in order, and leaves it so', async () => {
    const empty = path.join(folder, 'empty');
    await mkdir(empty);
    const { code, output } = await runCli(['doctor', '--data-dir', empty]);
    expect(output).toContain('nothing is stored in');
    expect(code).toBe(0);
    expect(await readdir(empty)).toEqual([]);
  });

  it.each([
    [['--help']],
    [['import', 'slack', '--help']],
    [['rebuild', '--help']],
    [['grant', '--help']],
    [['doctor', '--help']],
  ])('explains itself: %j', async (args) => {
    const { code, output } = await runCli(args);
    expect(output).toContain('Usage: parley');
    expect(code).toBe(0);
  });
});
