import { v7 } from 'uuid';
import type { ChatClient, Via } from '../../app/demo/client/chat-client.ts';
import type { Random } from '../../app/demo/random.ts';
import type { Message } from '../../schemas/message.ts';

export interface Acknowledged {
  readonly conversationId: string;
  readonly messageId: string;
  readonly seq: number;
  readonly text: string;
}

export interface SenderOptions {
  readonly client: ChatClient;
  readonly conversationIds: readonly string[];
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Sends one message after another, each again and again under the same id until it is acknowledged. */
export const sendUntilStopped = async (options: SenderOptions): Promise<readonly Acknowledged[]> => {
  const { client, conversationIds, random, signal } = options;
  const acknowledged: Acknowledged[] = [];
  const via = (): Via => (random.chance(0.5) ? 'socket' : 'rest');
  while (!signal.aborted) {
    const conversationId = random.pick(conversationIds);
    const messageId = v7();
    const text = `${client.credentials.username} ${acknowledged.length}`;
    const { seq }: Message = await client.persist(() =>
      client.send(conversationId, { text }, { via: via(), messageId }),
    );
    acknowledged.push({ conversationId, messageId, seq, text });
    if (random.chance(0.2)) await client.persist(() => client.receipt(conversationId, seq, via()));
    if (random.chance(0.1)) await client.persist(() => client.react(conversationId, messageId, '👍', via()));
  }
  return acknowledged;
};
