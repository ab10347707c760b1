import { channels, groups, people } from './cast.ts';
import { ChatClient } from './client/chat-client.ts';
import type { Rest } from './client/rest.ts';
import { tell } from './lines.ts';

/** Registers everyone and brings them in, each with an open socket. */
export const gatherPeople = async (rest: Rest): Promise<readonly ChatClient[]> => {
  const clients = people.map(
    (displayName) =>
      new ChatClient(rest, {
        username: displayName.toLowerCase(),
        password: `${displayName} keeps a secret`,
        displayName,
      }),
  );
  // A few at a time: hashing passwords is meant to be hard work.
  for (let first = 0; first < clients.length; first += 6) {
    await Promise.all(
      clients.slice(first, first + 6).map(async (client) => {
        await client.register();
        await client.login();
        await client.connect();
      }),
    );
  }
  tell(`${clients.length} people have registered, signed in and opened a socket each`);
  return clients;
};

export const startConversations = async (clients: readonly ChatClient[]): Promise<void> => {
  for (const [name, from, to] of groups) {
    const [owner, ...others] = clients.slice(from, to + 1);
    await owner!.start({ kind: 'group', name, memberIds: others.map(({ userId }) => userId) });
    tell(`${owner!.user.displayName} starts the group ${name} with ${others.length} others`);
  }
  for (const [index, name] of channels.entries()) {
    const channel = await clients[index]!.start({ kind: 'channel', name });
    const joining = clients.filter((_, place) => place !== index && (place + index) % 2 === 0);
    for (const client of joining) await client.ask('PUT', `/v1/conversations/${channel.conversationId}/members/me`, {});
    tell(`${clients[index]!.user.displayName} opens the channel ${name}; ${joining.length} join`);
  }
  for (let index = 0; index < clients.length; index += 2) await clients[index]!.direct(clients[index + 1]!.userId);
  tell(`${clients.length / 2} pairs begin to talk in private`);
};
