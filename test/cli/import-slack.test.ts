import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foldLog, type FoldedConversation } from '../../app/demo/checks/log-fold.ts';
import { readWholeLog } from '../../app/demo/checks/log-file.ts';
import { runCli } from '../../app/demo/run-cli.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { slackUserId } from '../../app/cli/slack/ids.ts';
import { exportFiles } from '../support/slack-export.ts';
import { startLocally } from '../support/local-server.ts';
import { zipOf } from '../support/zip.ts';

describe('parley import slack', () => {
  let scope: AsyncDisposableStack;
  let folder: string;
  let dataDir: string;
  let unpacked: string;

  beforeEach(async () => {
    scope = new AsyncDisposableStack();
    folder = scope.use(await temporaryFolder()).folder;
    dataDir = path.join(folder, 'data');
    unpacked = path.join(folder, 'export');
    for (const [name, text] of Object.entries(exportFiles)) {
      await mkdir(path.dirname(path.join(unpacked, name)), { recursive: true });
      await writeFile(path.join(unpacked, name), text);
    }
  });
  afterEach(() => scope.disposeAsync());

  const importFrom = (source: string) => runCli(['import', 'slack', source, '--data-dir', dataDir]);
  const readLog = () => readWholeLog(path.join(dataDir, 'events.db'));
  const named = async (name: string | null): Promise<FoldedConversation> =>
    [...foldLog(await readLog()).values()].find((conversation) => conversation.name === name)!;

  it('keeps authors, times, threads, mentions and files, and maps the text', async () => {
    const { code, output } = await importFrom(unpacked);
    expect(output).toContain('1 left out: record that cannot be read');
    expect(output).toContain('1 left out: message without any text');
    expect(output).toContain('1 left out: reaction with an emoji of the workspace');
    expect(output).toContain('1 left out: kind pinned_item is not imported');
    expect(code).toBe(0);
    const messages = [...(await named('general')).messages.values()];
    const [u1, u2, u3] = ['U1', 'U2', 'U3'].map((id) => slackUserId(id));
    expect(messages.map(({ senderId, sentAt, text }) => ({ senderId, sentAt, text: text?.slice(0, 60) }))).toEqual([
      { senderId: u1, sentAt: '2018-02-01T00:00:01.000Z', text: 'Hello @Béla Böhm, see [this](https://example.org)' },
      { senderId: u2, sentAt: '2018-02-01T00:00:02.000Z', text: 'In a **thread**' },
      { senderId: u3, sentAt: '2018-02-01T00:00:03.000Z', text: '[notes.txt]' },
      { senderId: slackUserId('B1'), sentAt: '2018-02-01T00:00:04.000Z', text: 'Deployed 1.2' },
      { senderId: u2, sentAt: '2018-02-02T00:00:00.000Z', text: '_is away_' },
      { senderId: u1, sentAt: '2018-02-02T00:00:03.000Z', text: 'x'.repeat(60) },
      { senderId: u1, sentAt: '2018-02-02T00:00:03.000Z', text: 'x'.repeat(60) },
      { senderId: u1, sentAt: '2018-02-02T00:00:04.000Z', text: 'To a root that was never exported' },
    ]);
    expect(messages[0]).toMatchObject({ mentions: [u2], replyCount: 1 });
    expect([...messages[0]!.reactions]).toEqual([['👍', new Set([u2, u3])]]);
    expect(messages[1]!.threadRootId).toBe(messages[0]!.messageId);
    expect(messages[5]!.text!.length + messages[6]!.text!.length).toBe(20_000);
    expect(messages[7]!.threadRootId).toBeNull();
  });

  it('keeps members and topics of channels, groups and direct conversations', async () => {
    await importFrom(unpacked);
    const members = ({ members: all }: FoldedConversation) => [...all.keys()].sort();
    const ids = (...slackIds: string[]) => slackIds.map((id) => slackUserId(id)).sort();
    const general = await named('general');
    expect(general).toMatchObject({ kind: 'channel', topic: 'News', closed: false });
    expect(members(general)).toEqual(ids('slack-import', 'U1', 'U2', 'U4', 'B1'));
    expect(await named('old')).toMatchObject({ closed: true });
    const secret = await named('secret');
    expect(secret).toMatchObject({ kind: 'group' });
    expect(members(secret)).toEqual(ids('slack-import', 'U1', 'U3'));
    const direct = await named(null);
    expect(direct).toMatchObject({ kind: 'direct' });
    expect(members(direct)).toEqual(ids('U1', 'U2'));
  });

  it('names everyone, each by a name of his own', async () => {
    await importFrom(unpacked);
    const registered = (await readLog()).filter(({ type }) => type === 'UserRegistered');
    const contents = registered.map(({ data }) => data['content']);
    expect(contents).toEqual(
      expect.arrayContaining([
        { username: 'ada', displayName: 'Ada L.' },
        { username: 'bela.bohm', displayName: 'Béla Böhm' },
        { username: 'ada-2', displayName: 'ada' },
        { username: 'silent', displayName: 'Silent Reader' },
        { username: 'b1', displayName: 'Deploys' },
      ]),
    );
  });

  it('reads a zip, and after it the same as a folder without a trace', async () => {
    const archive = path.join(folder, 'export.zip');
    await writeFile(archive, zipOf(exportFiles));
    expect(await importFrom(archive)).toMatchObject({ code: 0 });
    const once = await readLog();
    const { code, output } = await importFrom(unpacked);
    expect(code).toBe(0);
    expect(output).toContain('0 facts written');
    expect(await readLog()).toEqual(once);
  });

  it('refuses politely while a server runs on the folder', async () => {
    await using server = await startLocally(dataDir);
    const { code, output } = await importFrom(unpacked);
    expect(server.url).toContain('http');
    expect(code).toBe(1);
    expect(output).toContain('is in use by another server. Stop it first');
    expect(output).not.toMatch(/^\s+at /m);
  });

  it.each([
    ['a path that does not exist', 'nowhere', 'There is nothing at'],
    ['a folder that is no export', '.', 'This is no Slack export'],
    ['an archive that is none', 'export/broken.zip', 'cannot be read'],
    ['a list that is none', 'export/general', 'This is no Slack export'],
    ['a file of another kind', 'export/users.txt', 'is neither a folder nor'],
  ])('says what is wrong with %s', async (_what, name, words) => {
    await writeFile(path.join(unpacked, 'users.txt'), '');
    await writeFile(path.join(unpacked, 'broken.zip'), 'no archive');
    const { code, output } = await importFrom(path.join(folder, name));
    expect(output).toContain(words);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });
});
