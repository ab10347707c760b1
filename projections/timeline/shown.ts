import { timestamp, type Clock } from '../../ports/clock.ts';
import type { ConversationDocument } from '../feed/documents.ts';
import type { ModelReader } from '../model-reader.ts';
import type { MessageDocument } from './document.ts';
import { shownMessage } from './expired.ts';

/** Reads messages as they may be shown at this moment: what is over shows nothing of what was said. */
export interface ShownMessages {
  get(id: string): Promise<MessageDocument | undefined>;
  getMany(ids: readonly string[]): Promise<readonly MessageDocument[]>;
  find(query: Parameters<ModelReader['find']>[1]): Promise<readonly MessageDocument[]>;
}

export const shownBy = (timeline: ModelReader, feed: ModelReader, clock: Clock): ShownMessages => {
  const shown = async (messages: readonly MessageDocument[]): Promise<readonly MessageDocument[]> => {
    const present = messages.filter(({ deletedAt }) => deletedAt === null);
    if (present.length === 0) return messages;
    const ids = [...new Set(present.map(({ conversationId }) => conversationId))];
    const heads = await feed.getMany<ConversationDocument>('conversations', ids);
    const now = timestamp(clock);
    return messages.map((message) => shownMessage(message, heads.get(message.conversationId)?.retentionSeconds, now));
  };
  return {
    async get(id) {
      const message = await timeline.get<MessageDocument>('messages', id);
      return message && (await shown([message]))[0];
    },
    getMany: async (ids) => shown([...(await timeline.getMany<MessageDocument>('messages', ids)).values()]),
    find: async (query) => shown(await timeline.find<MessageDocument>('messages', query)),
  };
};
