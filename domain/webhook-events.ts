import type { ConversationEvent } from './conversation/events.ts';

/** Events that webhooks are told of, by the names that clients know them by. */
export const webhookEvents = {
  ConversationStarted: 'conversationStarted',
  ConversationChanged: 'conversationChanged',
  ConversationClosed: 'conversationClosed',
  MessageSent: 'messageSent',
  MessageEdited: 'messageEdited',
  MessageDeleted: 'messageDeleted',
  ReactionAdded: 'reactionAdded',
  ReactionRemoved: 'reactionRemoved',
  MessagePinned: 'pinned',
  MessageUnpinned: 'unpinned',
  MemberAdded: 'memberAdded',
  MemberRoleChanged: 'memberChanged',
  MemberRemoved: 'memberRemoved',
} as const satisfies Partial<Record<ConversationEvent['type'], string>>;

export type ToldEvent = Extract<ConversationEvent, { type: keyof typeof webhookEvents }>;
export type WebhookEventName = (typeof webhookEvents)[ToldEvent['type']];
export const webhookEventNames = Object.values(webhookEvents) as readonly WebhookEventName[];

export const isTold = (event: { readonly type: string }): event is ToldEvent =>
  Object.hasOwn(webhookEvents, event.type);

/** Who did it; null: nobody, its time was over. */
export const actorOf = ({ type, data }: ToldEvent): string | null => {
  if (type === 'ConversationStarted') return data.startedBy;
  if (type === 'MessageSent') return data.senderId;
  return type === 'ReactionAdded' || type === 'ReactionRemoved' ? data.userId : data.by;
};
