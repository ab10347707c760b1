import { v7 } from 'uuid';
import type { Page } from '../../../schemas/common.ts';
import type { Conversation, FeedItem } from '../../../schemas/conversation.ts';
import type { EditBody, History, Message, SendBody } from '../../../schemas/message.ts';
import type { Call } from './rest.ts';
import { SyncedClient } from './synced-client.ts';

export type Via = 'rest' | 'socket';

/** What a person does in a chat, each by REST or by socket. */
export class ChatClient extends SyncedClient {
  #write(via: Via, type: string, fields: object, call: Call): Promise<unknown> {
    return this.patiently(async () => {
      const { socket } = this;
      if (via === 'rest' || socket === undefined) return (await this.call(call)).body;
      return (await socket.request(type, fields)).result;
    });
  }

  send(
    conversationId: string,
    content: SendBody,
    { via = 'socket', messageId = v7() }: { readonly via?: Via; readonly messageId?: string } = {},
  ): Promise<Message> {
    const path = `/v1/conversations/${conversationId}/messages/${messageId}`;
    const fields = { conversationId, messageId, ...content };
    return this.#write(via, 'send', fields, { method: 'PUT', path, body: content }) as Promise<Message>;
  }

  edit(conversationId: string, messageId: string, content: EditBody, via: Via = 'socket'): Promise<Message> {
    const path = `/v1/conversations/${conversationId}/messages/${messageId}`;
    const fields = { conversationId, messageId, ...content };
    return this.#write(via, 'edit', fields, { method: 'PATCH', path, body: content }) as Promise<Message>;
  }

  async delete(
    conversationId: string,
    messageId: string,
    forWhom: 'everyone' | 'me' = 'everyone',
    via: Via = 'socket',
  ): Promise<void> {
    const path = `/v1/conversations/${conversationId}/messages/${messageId}?for=${forWhom}`;
    await this.#write(via, 'delete', { conversationId, messageId, for: forWhom }, { method: 'DELETE', path });
  }

  async react(conversationId: string, messageId: string, emoji: string, via: Via = 'socket'): Promise<void> {
    const path = `/v1/conversations/${conversationId}/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`;
    await this.#write(via, 'react', { conversationId, messageId, emoji }, { method: 'PUT', path });
  }

  async unreact(conversationId: string, messageId: string, emoji: string, via: Via = 'socket'): Promise<void> {
    const path = `/v1/conversations/${conversationId}/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`;
    await this.#write(via, 'unreact', { conversationId, messageId, emoji }, { method: 'DELETE', path });
  }

  async receipt(conversationId: string, read: number, via: Via = 'socket'): Promise<void> {
    const path = `/v1/conversations/${conversationId}/receipts`;
    await this.#write(via, 'receipt', { conversationId, read }, { method: 'PUT', path, body: { read } });
  }

  start(body: {
    readonly kind: 'group' | 'channel';
    readonly name: string;
    readonly memberIds?: readonly string[];
    readonly conversationId?: string;
    readonly settings?: object;
  }): Promise<Conversation> {
    return this.ask('POST', '/v1/conversations', body) as Promise<Conversation>;
  }

  direct(userId: string): Promise<Conversation> {
    return this.ask('PUT', `/v1/direct/${userId}`) as Promise<Conversation>;
  }

  /** The whole feed, archived conversations too, as the server tells it. */
  async feed(): Promise<readonly FeedItem[]> {
    const items: FeedItem[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ archived: 'all', limit: '200' });
      if (cursor !== null) query.set('cursor', cursor);
      const page = (await this.ask('GET', `/v1/conversations?${query.toString()}`)) as Page<FeedItem>;
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return items;
  }

  /** All messages that the caller can see, from the first on. */
  async history(conversationId: string): Promise<readonly Message[]> {
    const messages: Message[] = [];
    for (;;) {
      const after = messages.at(-1)?.seq ?? 0;
      const path = `/v1/conversations/${conversationId}/messages?after=${after}&limit=200`;
      const page = (await this.ask('GET', path)) as History;
      messages.push(...page.items);
      if (!page.hasAfter || page.items.length === 0) return messages;
    }
  }
}
