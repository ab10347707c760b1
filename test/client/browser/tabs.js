import {
  Client,
  allowed,
  isAllDone,
  openIndexedDbStorage,
  part,
  password,
  play,
  server,
  tell,
  until,
} from './common.js';

const settings = { backOff: { firstMs: 20, mostMs: 200 } };
const name = 'chat';

const stateOf = ({ connection: { state, closeCode } }) => ({ state, closeCode });

/** Of the tab that begins. */
const one = async () => {
  const client = await Client.open({ origin: server, settings, storage: await openIndexedDbStorage({ name }) });
  const username = `t${crypto.randomUUID().slice(0, 12)}`;
  const other = await client.register({ username: `${username}x`, password });
  await client.register({ username, password });
  await client.signIn({ username, password, device: { name: 'browser' } });
  const chat = await client.direct(other.userId);
  localStorage.setItem('chat', chat.conversationId);
  await until(() => chat.snapshot !== null && client.connection.isCurrent);
  await chat.open();
  await chat.send('one 1');
  await until(() => isAllDone(chat));
  client.disconnect();
  await chat.send('one 2');
  await chat.send('one 3');
  await tell('one', 'has stored');
};

const carryOn = async (steal) => {
  const storage = await openIndexedDbStorage({ name, steal });
  const client = await Client.open({ origin: server, settings, storage });
  const chat = client.conversation(localStorage.getItem('chat'));
  client.connect();
  await chat.open();
  for (const number of [1, 2]) await chat.send(`${part} ${number}`);
  await until(() => isAllDone(chat) && client.connection.isCurrent);
  return { client, chat };
};

/** Waits for the tab that has the storage, and loses it to a third one. */
const two = async () => {
  let isTaken = false;
  await tell('two', 'waits');
  const { client, chat } = await carryOn(false);
  client.on('taken', () => (isTaken = true));
  // Stored, and perhaps sent, when the other one comes.
  for (const number of [3, 4, 5]) await chat.send(`two ${number}`);
  await tell('two', 'has sent');
  await until(() => isTaken);
  const refused = await chat.send('two 6').then(
    () => 'none',
    (error) => error.name,
  );
  const again = await Promise.resolve()
    .then(() => client.connect())
    .then(
      () => 'none',
      (error) => error.name,
    );
  await tell('two', { refused, again });
  await allowed('to tell its end');
  await tell('two', stateOf(client));
};

const three = async () => {
  const { client, chat } = await carryOn(true);
  const answer = await client.call({ method: 'GET', path: `/v1/conversations/${chat.conversationId}/messages` });
  await tell('three', { ...stateOf(client), texts: answer.items.map(({ text }) => text) });
};

/** As on a page where there are no Web Locks: whoever opens has it, and what the loser writes does not get in. */
const lockless = async () => {
  Object.defineProperty(navigator, 'locks', { value: undefined });
  const loser = await openIndexedDbStorage({ name: 'other' });
  await loser.write(new Map([['key', 'first']]));
  const winner = await openIndexedDbStorage({ name: 'other' });
  const refused = await loser.write(new Map([['key', 'late']])).then(
    () => 'none',
    (error) => error.name,
  );
  const kept = (await winner.read('key')).get('key');
  await tell('lockless', { refused, isTaken: [loser.taken.aborted, winner.taken.aborted], kept });
};

await play({ one, two, three, lockless });
