import { Client, openIndexedDbStorage } from '../../../client/parley.ts';

const tell = (what) => fetch('/told', { method: 'POST', body: JSON.stringify(what) });
const until = async (ask) => {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Never came true: ${ask}`);
};

/** Signs in, writes something while disconnected, and is loaded anew without a chance to tidy up. */
const first = async () => {
  const client = await Client.open({ origin: location.origin, storage: await openIndexedDbStorage({ name: 'chat' }) });
  const username = `b${crypto.randomUUID().slice(0, 12)}`;
  const other = await client.register({ username: `${username}x`, password: 'correct horse' });
  await client.register({ username, password: 'correct horse' });
  await client.signIn({ username, password: 'correct horse', device: { name: 'browser' } });
  const chat = await client.direct(other.userId);
  await until(() => chat.snapshot !== null && client.connection.isCurrent);
  await chat.open();
  await chat.send('before');
  await until(() => chat.snapshot.items[0]?.status === 'done');
  await client.flush();
  client.disconnect();
  await chat.send({ text: 'while offline', files: [new Blob(['a cat'])] });
  sessionStorage.setItem('username', username);
  sessionStorage.setItem('chat', chat.conversationId);
  location.search = '?again';
};

const again = async () => {
  const storage = await openIndexedDbStorage({ name: 'chat' });
  const uploaded = [];
  const upload = async (file) => {
    uploaded.push(await file.text());
    return { mediaId: crypto.randomUUID() };
  };
  const client = await Client.open({ origin: location.origin, storage, upload });
  const chat = client.conversation(sessionStorage.getItem('chat'));
  const look = () => chat.snapshot.items.map(({ text, status }) => [text, status]);
  const restored = look();
  const isSameUser = client.user.username === sessionStorage.getItem('username');
  client.connect();
  await until(() => look().every(([, status]) => status === 'done'));
  const done = look();

  let isWaiting = true;
  const waiting = openIndexedDbStorage({ name: 'chat' }).then(() => (isWaiting = false));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const mustWait = isWaiting;
  await client[Symbol.asyncDispose]();
  await waiting;
  const taken = await openIndexedDbStorage({ name: 'other' });
  await openIndexedDbStorage({ name: 'other', steal: true });
  const loser = await taken.write(new Map([['key', 1]])).then(
    () => 'none',
    (error) => error.name,
  );
  await tell({ isSameUser, restored, done, uploaded, mustWait, loser });
};

try {
  await (location.search === '?again' ? again() : first());
} catch (error) {
  await tell({ error: String(error) });
}
