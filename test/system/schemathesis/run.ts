/**
 * Holds a running server against its own OpenAPI document, with a signed-in user: `node test/system/schemathesis/run.ts`.
 * Ends with exit code 1 when the document and the server disagree.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ChatClient } from '../../../app/demo/client/chat-client.ts';
import { Rest } from '../../../app/demo/client/rest.ts';
import { ServerProcess, temporaryFolder } from '../../../app/demo/server-process.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const cache = path.join(root, '.server-cache');
const tool = path.join(cache, 'schemathesis/bin/schemathesis');
const version = '4.32.5';
const seconds = Number(process.env['SCHEMATHESIS_SECONDS'] ?? 150);

interface Group {
  readonly operations: readonly string[];
  readonly options: readonly string[];
}

const alone = ['--phases=coverage,fuzzing', '--max-time=10'];

/** Operations that would spoil the run of all others: each group is run by a user of its own. */
const groups: readonly Group[] = [
  // They end the session, or a membership, that the others are tried with.
  { operations: ['eraseMe'], options: alone },
  { operations: ['logout'], options: alone },
  { operations: ['revokeDevice'], options: alone },
  { operations: ['removeMember'], options: alone },
  // A closed conversation can still be read by its members, and a deleted message keeps its place.
  {
    operations: ['startConversation', 'sendMessage', 'deleteMessage', 'closeConversation'],
    options: ['--exclude-checks=use_after_free', '--max-time=20'],
  },
];
const excluded = ['eraseMe', 'logout', 'revokeDevice', 'removeMember', 'deleteMessage', 'closeConversation'];

/** Where the check of our own is found. */
const environment = { PYTHONPATH: import.meta.dirname, SCHEMATHESIS_HOOKS: 'explained', PYTHONDONTWRITEBYTECODE: '1' };

const run = async (command: string, args: readonly string[]): Promise<number | null> => {
  const child = spawn(command, args, { cwd: cache, env: { ...process.env, ...environment }, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
};

const install = async (): Promise<void> => {
  await mkdir(cache, { recursive: true });
  if (existsSync(tool)) return;
  const venv = path.join(cache, 'schemathesis');
  const made = await run('python3', ['-m', 'venv', venv]);
  if (made !== 0) throw new Error('python3 with its venv module is needed');
  const installed = await run(path.join(venv, 'bin/pip'), ['install', '--quiet', `schemathesis==${version}`]);
  if (installed !== 0) throw new Error('schemathesis could not be installed');
};

/** A user with something in every list, so that there is something to find. */
const signUp = async (rest: Rest, username: string, friend?: ChatClient): Promise<ChatClient> => {
  const client = new ChatClient(rest, { username, password: `secret of ${username}` });
  await client.register();
  await client.login();
  if (friend === undefined) return client;
  const { conversationId } = await client.start({ kind: 'group', name: 'Group', memberIds: [friend.userId] });
  const sent = await client.send(conversationId, { text: 'hello' }, { via: 'rest' });
  await client.send(conversationId, { text: 'in a thread', thread: sent.messageId }, { via: 'rest' });
  await friend.receipt(conversationId, 1, 'rest');
  await client.direct(friend.userId);
  await client.ask('PUT', `/v1/contacts/${friend.userId}`);
  return client;
};

const check = (server: ServerProcess, client: ChatClient, args: readonly string[]): Promise<number | null> =>
  run(tool, [
    '--config-file',
    path.join(import.meta.dirname, 'schemathesis.toml'),
    'run',
    `${server.origin}/openapi.json`,
    '--checks=all',
    '--continue-on-failure',
    '--suppress-health-check=all',
    `--header=Authorization: Bearer ${client.accessToken}`,
    ...args,
  ]);

await install();
await using data = await temporaryFolder();
await using server = await ServerProcess.start(data.folder, { LOG_LEVEL: 'warn' });
using rest = new Rest(server.origin);
const friend = await signUp(rest, 'friend');
const client = await signUp(rest, 'tester', friend);
const codes = [
  await check(server, client, [
    `--max-time=${seconds}`,
    // Python 3.11 cannot parse in two threads at once without failing now and then (python/cpython#106905).
    '--workers=1',
    ...excluded.map((operation) => `--exclude-operation-id=${operation}`),
  ]),
];
for (const [index, { operations, options }] of groups.entries()) {
  const own = await signUp(rest, `tester-${index}`, friend);
  const included = operations.map((operation) => `--include-operation-id=${operation}`);
  codes.push(await check(server, own, [...options, ...included]));
}
if (server.output !== '') console.log(`The server's log, warnings and worse:\n${server.output}`);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
