import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slackConversationId, slackMessageId, slackUserId } from '../../app/cli/slack/ids.ts';
import { foldLog } from '../../app/demo/checks/log-fold.ts';
import { readWholeLog } from '../../app/demo/checks/log-file.ts';
import { runCli } from '../../app/demo/run-cli.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { expectedChannel } from '../support/traffic-counts.ts';
import { byChannel, loadTraffic } from '../support/traffic.ts';

const traffic = loadTraffic();
const main = path.resolve(import.meta.dirname, '../../app/main.ts');

describe(`Importing nine days of a community (${traffic.source})`, () => {
  const scope = new AsyncDisposableStack();
  let file: string;
  let dataDir: string;

  const importInto = (folder: string) => runCli(['import', 'slack', file, '--data-dir', folder]);
  const readLog = (folder: string) => readWholeLog(path.join(folder, 'events.db'));

  /** Starts an import and kills it once it has told of progress. */
  const importAndDie = async (folder: string): Promise<void> => {
    const child = spawn(process.execPath, [main, 'import', 'slack', file, '--data-dir', folder]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
  };

  beforeAll(async () => {
    const { folder } = scope.use(await temporaryFolder());
    await mkdir(path.join(folder, 'traffic'));
    file = path.join(folder, 'traffic', 'events.ndjson');
    dataDir = path.join(folder, 'data');
    await writeFile(file, traffic.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    await writeFile(path.join(folder, 'traffic', 'channels.json'), JSON.stringify(traffic.channels));
    await importInto(dataDir);
  }, 120_000);
  afterAll(() => scope.disposeAsync());

  it('leaves every message, edit, deletion, reply and member as counted from the file', async () => {
    const folded = foldLog(await readLog(dataDir));
    for (const [channel, events] of byChannel(traffic.events)) {
      const { messages, members } = expectedChannel(events);
      const conversation = folded.get(slackConversationId(channel))!;
      const imported = [...conversation.messages.values()];
      expect(
        imported.map(({ messageId, senderId, deleted, replyCount }) => [messageId, senderId, deleted, replyCount]),
      ).toEqual(
        [...messages].map(([ts, { user, deleted, replies }]) => [
          slackMessageId(channel, ts),
          slackUserId(user),
          deleted,
          replies,
        ]),
      );
      // Two texts of the file may be one once they are mapped: never more edits than in the file.
      const edits = [...messages.values()].map((message) => message.edits);
      expect(imported.every((message, index) => message.edits <= edits[index]!)).toBe(true);
      const remaining = new Set([...members].map((user) => slackUserId(user)));
      const unnamed = new Set(events.filter(({ text }) => text === '').map(({ user }) => slackUserId(user!)));
      for (const userId of conversation.members.keys()) {
        expect(remaining.has(userId) || userId === slackUserId('slack-import')).toBe(true);
      }
      for (const userId of remaining.difference(unnamed)) expect(conversation.members.has(userId)).toBe(true);
    }
  });

  it('makes nothing twice when it is run again', async () => {
    const before = await readLog(dataDir);
    expect(await importInto(dataDir)).toMatchObject({ code: 0 });
    expect(await readLog(dataDir)).toEqual(before);
  }, 60_000);

  it('ends with the same conversations after being killed and run again', async () => {
    const other = `${dataDir}-killed`;
    await importAndDie(other);
    await importAndDie(other);
    expect(await importInto(other)).toMatchObject({ code: 0 });
    const [whole, resumed] = [foldLog(await readLog(dataDir)), foldLog(await readLog(other))];
    expect(resumed.size).toBe(whole.size);
    for (const [id, conversation] of whole) expect(resumed.get(id)).toEqual(conversation);
  }, 120_000);
});
