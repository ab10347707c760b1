import assert from 'node:assert/strict';
import { ChatClient, type Via } from '../../app/demo/client/chat-client.ts';
import { Refused, type Rest } from '../../app/demo/client/rest.ts';
import { seededRandom, type Random } from '../../app/demo/random.ts';
import { eachOf } from './pool.ts';
import { byChannel, usersOf, type Traffic, type TrafficEvent } from './traffic.ts';

/** A channel on the server, and which message there is which in the file. */
export interface PlayedChannel {
  readonly slackId: string;
  readonly conversationId: string;
  readonly events: readonly TrafficEvent[];
  /** Message id by `ts`. */
  readonly messageIds: Map<string, string>;
}

export interface Played {
  readonly users: ReadonlyMap<string, ChatClient>;
  /** Those with an open socket. */
  readonly connected: readonly ChatClient[];
  readonly channels: readonly PlayedChannel[];
  /** Opened every channel and stays in it; writes nothing. */
  readonly organiser: ChatClient;
}

export interface PlayOptions {
  readonly rest: Rest;
  readonly traffic: Traffic;
  readonly socketsOf: number;
  /** Everyone is there, and the channels are open; from now on they are played. */
  readonly onBegin?: () => void;
}

const channelsAtOnce = 40;

const signUp = async (rest: Rest, slackId: string): Promise<ChatClient> => {
  const username = slackId.toLowerCase();
  const credentials = { username, password: `secret of ${slackId}`, displayName: slackId };
  const client = new ChatClient(rest, credentials, { isPatient: true });
  await client.register();
  await client.login();
  return client;
};

const mentionsIn = (text: string, users: ReadonlyMap<string, ChatClient>): readonly string[] => {
  const named = [...text.matchAll(/<@([A-Z0-9]+)/g)].map(([, slackId]) => users.get(slackId!)?.userId);
  return [...new Set(named.filter((userId) => userId !== undefined))];
};

/** Whose leaving took effect although no answer came is no member any more when he asks again. */
const leave = async (leaver: ChatClient, conversationId: string): Promise<void> => {
  try {
    await leaver.ask('DELETE', `/v1/conversations/${conversationId}/members/me`);
  } catch (error) {
    if (!(error instanceof Refused) || ![403, 404].includes(error.problem.status)) throw error;
  }
};

/** Plays the events of one channel in order, each as the one who did it. */
class ChannelPlayer {
  readonly #channel: PlayedChannel;
  readonly #played: Played;
  readonly #random: Random;
  readonly #members = new Map<string, ChatClient>();
  readonly #authors = new Map<string, string>();
  readonly #deleted = new Set<string>();

  constructor(channel: PlayedChannel, played: Played, random: Random) {
    this.#channel = channel;
    this.#played = played;
    this.#random = random;
  }

  async play(): Promise<void> {
    for (const event of this.#channel.events) {
      await this.#one(event);
      if (this.#random.chance(0.1)) await this.#someoneReads();
    }
  }

  get #via(): Via {
    return this.#random.chance(0.5) ? 'socket' : 'rest';
  }

  async #one(event: TrafficEvent): Promise<void> {
    const { conversationId } = this.#channel;
    switch (event.subtype) {
      case 'channel_join':
        await this.#member(event.user!, true);
        return;
      case 'channel_leave': {
        const leaver = await this.#member(event.user!);
        this.#members.delete(event.user!);
        await leave(leaver, conversationId);
        return;
      }
      case 'channel_topic':
        await this.#played.organiser.ask('PATCH', `/v1/conversations/${conversationId}`, { topic: event.topic });
        return;
      case 'message_changed':
        return this.#change(event.message!.ts, async (author, messageId) => {
          const { text } = event.message!;
          await author.edit(conversationId, messageId, { text, mentions: this.#mentions(text) }, this.#via);
        });
      case 'message_deleted':
        return this.#change(event.deleted_ts!, async (author, messageId) => {
          await author.delete(conversationId, messageId, 'everyone', this.#via);
          this.#deleted.add(event.deleted_ts!);
        });
      default:
        return this.#send(event);
    }
  }

  #mentions(text: string): string[] {
    return mentionsIn(text, this.#played.users).slice(0, 100);
  }

  async #send({ ts, user, text = '', thread_ts: threadTs, subtype, file }: TrafficEvent): Promise<void> {
    const { conversationId, messageIds } = this.#channel;
    const author = await this.#member(user!);
    if (text === '') return this.#sendNothing(author);
    const thread = threadTs === ts ? undefined : messageIds.get(threadTs ?? '');
    const mentions = this.#mentions(text);
    const content = {
      text,
      ...(mentions.length > 0 && { mentions }),
      ...(thread !== undefined && { thread }),
      ...(subtype !== undefined && { custom: { slack: { subtype, file: file?.name ?? null } } }),
    };
    const { messageId } = await author.send(conversationId, content, { via: this.#via });
    messageIds.set(ts, messageId);
    this.#authors.set(ts, user!);
  }

  async #sendNothing(author: ChatClient): Promise<void> {
    const sending = author.send(this.#channel.conversationId, { text: '' }, { via: this.#via });
    await assert.rejects(sending, /request\/invalid/);
  }

  /** What the file does not have, or has deleted before, is left out. */
  async #change(ts: string, change: (author: ChatClient, messageId: string) => Promise<void>): Promise<void> {
    const messageId = this.#channel.messageIds.get(ts);
    if (messageId === undefined || this.#deleted.has(ts)) return;
    await change(await this.#member(this.#authors.get(ts)!), messageId);
  }

  /** Joins at first sight; joining again, where the file says so, must change nothing. */
  async #member(slackId: string, again = false): Promise<ChatClient> {
    const client = this.#played.users.get(slackId)!;
    if (!this.#members.has(slackId) || again) {
      await client.ask('PUT', `/v1/conversations/${this.#channel.conversationId}/members/me`, {});
      this.#members.set(slackId, client);
    }
    return client;
  }

  async #someoneReads(): Promise<void> {
    const { messageIds, conversationId } = this.#channel;
    if (this.#members.size === 0 || messageIds.size === 0) return;
    const reader = this.#random.pick([...this.#members.values()]);
    await reader.receipt(conversationId, 1 + this.#random.below(messageIds.size), this.#via);
  }
}

/** Plays all traffic through the public API: channels beside each other, each in its own order. */
export const playTraffic = async ({ rest, traffic, socketsOf, onBegin }: PlayOptions): Promise<Played> => {
  const users = new Map<string, ChatClient>();
  await eachOf(usersOf(traffic.events), 16, async (slackId) => {
    users.set(slackId, await signUp(rest, slackId));
  });
  const organiser = await signUp(rest, 'organiser');
  const everyNth = Math.max(1, Math.floor(users.size / socketsOf));
  const connected = [...users.values()].filter((_, index) => index % everyNth === 0);
  await eachOf(connected, 16, (client) => client.connect());
  const names = new Map(traffic.channels.map(({ id, name }) => [id, name]));
  const channels: PlayedChannel[] = [];
  await eachOf([...byChannel(traffic.events)], 16, async ([slackId, events]) => {
    const name = names.get(slackId) ?? slackId;
    const { conversationId } = await organiser.start({ kind: 'channel', name });
    channels.push({ slackId, conversationId, events, messageIds: new Map() });
  });
  const played: Played = { users, connected, channels, organiser };
  onBegin?.();
  const longestFirst = channels.toSorted((a, b) => b.events.length - a.events.length);
  await eachOf(longestFirst, channelsAtOnce, async (channel, index) => {
    await new ChannelPlayer(channel, played, seededRandom(index)).play();
  });
  return played;
};
