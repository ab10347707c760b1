import type { Message } from '../../../schemas/message.ts';
import type { ServerFrame } from '../../../realtime/protocol.ts';

interface CopiedMessage {
  seq: number;
  revision: number;
  text: string | null;
  isDeleted: boolean;
  pinned: boolean;
  replyCount: number;
  reactions: Record<string, number>;
}

export interface CopiedConversation {
  name: string | null;
  isClosed: boolean;
  messages: Map<string, CopiedMessage>;
  me: object | undefined;
}

const copied = (message: Message): CopiedMessage => ({
  seq: message.seq,
  revision: message.revision,
  text: message.text,
  isDeleted: message.deletedAt !== null,
  pinned: message.pinned,
  replyCount: message.replyCount,
  reactions: Object.fromEntries(message.reactions.map(({ emoji, count }) => [emoji, count])),
});

/** A client's copy made of frames alone, by the rules that docs/realtime.md gives client authors. */
export const copyOf = (userId: string, frames: readonly ServerFrame[]): Map<string, CopiedConversation> => {
  const copy = new Map<string, CopiedConversation>();
  for (const frame of frames) {
    if (frame.type === 'me') {
      const conversation = copy.get(frame.conversationId);
      if (conversation === undefined) continue;
      conversation.me = frame.me;
      for (const messageId of frame.hidden ?? []) conversation.messages.delete(messageId);
      for (const [messageId, { seq }] of conversation.messages) {
        if (seq <= (frame.clearedSeq ?? 0)) conversation.messages.delete(messageId);
      }
    }
    if (frame.type === 'event') applyEvent(copy, frame);
    if (frame.type === 'event' && frame.event.type === 'memberRemoved' && frame.event.userId === userId) {
      copy.delete(frame.conversationId);
    }
  }
  return copy;
};

const applyEvent = (
  copy: Map<string, CopiedConversation>,
  { conversationId, revision, event }: Extract<ServerFrame, { type: 'event' }>,
): void => {
  if (event.type === 'conversationStarted' || (event.type === 'memberAdded' && event.conversation)) {
    const { name } = event.conversation!;
    copy.set(conversationId, { name, isClosed: false, messages: new Map(), me: undefined });
  }
  const conversation = copy.get(conversationId);
  if (conversation === undefined) return;
  const { messages } = conversation;
  /** A message that shows a revision has everything up to it in it already. */
  const change = (messageId: string | undefined, apply: (message: CopiedMessage) => void): void => {
    const message = messageId === undefined ? undefined : messages.get(messageId);
    if (message === undefined || message.revision >= revision) return;
    apply(message);
    message.revision = revision;
  };
  switch (event.type) {
    case 'conversationChanged':
      if (event.name !== undefined) conversation.name = event.name;
      return;
    case 'conversationClosed':
      conversation.isClosed = true;
      return;
    case 'messageSent':
      messages.set(event.message.messageId, copied(event.message));
      return change(event.message.thread?.rootId, (root) => void (root.replyCount += 1));
    case 'messageEdited':
      if (messages.has(event.message.messageId)) messages.set(event.message.messageId, copied(event.message));
      return;
    case 'messageDeleted':
      return change(event.messageId, (message) => {
        Object.assign(message, { text: null, isDeleted: true, pinned: false, reactions: {} });
      });
    case 'reactionAdded':
    case 'reactionRemoved':
      return change(event.messageId, ({ reactions }) => {
        const count = (reactions[event.emoji] ?? 0) + (event.type === 'reactionAdded' ? 1 : -1);
        if (count > 0) reactions[event.emoji] = count;
        else delete reactions[event.emoji];
      });
    case 'pinned':
    case 'unpinned':
      return change(event.messageId, (message) => void (message.pinned = event.type === 'pinned'));
    default:
  }
};
