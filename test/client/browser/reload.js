import {
  Client,
  allowed,
  isAllDone,
  look,
  openIndexedDbStorage,
  password,
  play,
  server,
  tell,
  until,
} from './common.js';

const settings = { backOff: { firstMs: 20, mostMs: 200 } };
const open = async (name, more) =>
  Client.open({ origin: server, settings, storage: await openIndexedDbStorage({ name }), ...more });

/** Two people write to each other until the server is gone; one goes on, and is loaded anew without a chance to tidy up. */
const first = async () => {
  const [ana, ben] = [await open('ana'), await open('ben')];
  for (const client of [ana, ben]) {
    const username = `b${crypto.randomUUID().slice(0, 12)}`;
    await client.register({ username, password });
    await client.signIn({ username, password, device: { name: 'browser' } });
  }
  const chat = await ana.direct(ben.user.userId);
  await until(() => chat.snapshot !== null && ana.connection.isCurrent);
  await chat.open();
  await chat.send('before');
  await until(() => chat.snapshot.items[0]?.status === 'done');
  await ana.flush();
  await tell('sent');
  await allowed('to go on alone');
  await until(() => ana.connection.state === 'waiting');
  await chat.send('1');
  await chat.send({ text: '2', files: [new Blob(['a cat'])] });
  await chat.send('3');
  sessionStorage.setItem('chat', chat.conversationId);
  location.replace(`?server=${server}&part=again`);
};

const again = async () => {
  const uploaded = [];
  const upload = async (file) => {
    uploaded.push(await file.text());
    return { mediaId: crypto.randomUUID() };
  };
  const [ana, ben] = [await open('ana', { upload }), await open('ben')];
  const [own, other] = [ana, ben].map((client) => client.conversation(sessionStorage.getItem('chat')));
  const restored = look(own);
  ana.connect();
  ben.connect();
  await tell('restored', restored);
  await until(() => isAllDone(own) && ana.connection.isCurrent);
  await until(() => other.snapshot !== null);
  await other.open();
  await until(() => look(other).length >= 4 && ben.connection.isCurrent);
  const answer = await ana.call({ method: 'GET', path: `/v1/conversations/${own.conversationId}/messages` });
  await tell('done', { own: look(own), other: look(other), server: answer.items.map(({ text }) => text), uploaded });
};

await play({ first, again });
