// A chat for the terminal: node examples/terminal-chat.ts <username> <password> [origin]
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Client, Refused, type Conversation, type TimelineItem } from 'parley/client';
import { openFileStorage } from 'parley/client/file-storage';

const [username, password, origin = 'http://localhost:8080'] = process.argv.slice(2);
if (username === undefined || password === undefined) {
  console.error('node examples/terminal-chat.ts <username> <password> [origin]');
  process.exit(2);
}

const client = await Client.open({ origin, storage: await openFileStorage(`${username}.parley`) });
const input = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
const names = new Map<string, string>();
let open: Conversation | undefined;
let unsubscribe = (): void => {};

interface User {
  readonly userId: string;
  readonly username: string;
}

const say = (text: string): void => {
  process.stdout.write(`\r\x1b[K${text}\n`);
  input.prompt(true);
};

const nameOf = async (userId: string): Promise<string> => {
  const known = names.get(userId);
  if (known !== undefined) return known;
  const user = (await client.call({ method: 'GET', path: `/v1/users/${userId}` })) as User;
  names.set(userId, user.username);
  return user.username;
};

const marks = { done: '', waiting: ' …', failed: ' ✗' };
const lineOf = (item: TimelineItem): string => {
  const time = new Date(item.sentAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const seen = { sent: ' ✓', delivered: ' ✓✓', seen: ' ✓✓ seen' };
  const mark = item.status === 'done' && item.state !== null ? seen[item.state] : marks[item.status];
  const reactions = item.reactions.map(({ emoji, count }) => ` ${emoji}${count}`).join('');
  return `${time} ${names.get(item.senderId) ?? '…'}: ${item.text ?? '(deleted)'}${reactions}${mark}`;
};

const show = async (): Promise<void> => {
  const snapshot = open?.snapshot;
  if (open === undefined || snapshot === undefined || snapshot === null) return;
  await Promise.all(snapshot.items.map(({ senderId }) => nameOf(senderId)));
  const typing = await Promise.all(snapshot.typing.map(nameOf));
  const lines = snapshot.items.slice(-(process.stdout.rows - 3 || 20)).map(lineOf);
  const status = typing.length > 0 ? `${typing.join(', ')} …` : client.connection.state;
  process.stdout.write(`\x1b[2J\x1b[H${lines.join('\n')}\n\x1b[2m── ${status} ──\x1b[0m\n`);
  input.prompt(true);
};

const enter = async (conversation: Conversation): Promise<void> => {
  unsubscribe();
  open?.close();
  open = conversation;
  unsubscribe = conversation.subscribe(() => {
    void conversation.markRead();
    void show();
  });
  await conversation.open();
  await conversation.markRead();
  await show();
};

const commands: Readonly<Record<string, (argument: string) => Promise<void>>> = {
  '/with': async (name) => {
    const found = (await client.call({ method: 'GET', path: `/v1/users?username=${encodeURIComponent(name)}` })) as {
      readonly items: readonly User[];
    };
    const [user] = found.items;
    if (user === undefined) return say(`There is no ${name}`);
    await enter(await client.direct(user.userId));
  },
  '/list': () => {
    const lines = client.feed.map(
      ({ conversation, unread, lastMessage }, index) =>
        `${index + 1}. ${conversation.name ?? 'direct'} (${unread} unread) ${lastMessage?.text ?? ''}`,
    );
    say(lines.join('\n') || 'No conversations yet: /with <username> begins one');
    return Promise.resolve();
  },
  '/open': async (number) => {
    const entry = client.feed[Number(number) - 1];
    if (entry !== undefined) await enter(client.conversation(entry.conversation.conversationId));
  },
  '/older': async () => {
    await open?.older();
    await show();
  },
  '/quit': () => Promise.resolve(input.close()),
};

const help = '/with <username>   /list   /open <number>   /older   /quit   anything else is sent';

const answer = async (line: string): Promise<void> => {
  const [word = '', ...rest] = line.split(' ');
  const command = commands[word];
  if (command !== undefined) await command(rest.join(' '));
  else if (word.startsWith('/') || open === undefined) say(help);
  else if (line !== '') await open.send(line);
};

if (client.user === null) {
  await client.register({ username, password }).catch((error: unknown) => {
    if (!(error instanceof Refused && error.problem.code === 'user/name-taken')) throw error;
  });
  await client.signIn({ username, password, device: { name: 'terminal' } });
} else client.connect();
client.on('connection', () => void show());
client.on('signedOut', () => say('Signed out'));
client.on('message', ({ conversationId, senderId, text }) => {
  if (conversationId === open?.conversationId || senderId === client.user?.userId) return;
  void nameOf(senderId).then((name) => say(`[${name}: ${text ?? ''}]`));
});
process.stdin.on('keypress', (key: string | undefined) => {
  if (key !== undefined && input.line.length > 1 && !input.line.startsWith('/')) open?.typing();
});
say(help);
input.on('line', (line) => {
  answer(line).catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
});
input.once('close', () => void client.close().then(() => process.exit()));
