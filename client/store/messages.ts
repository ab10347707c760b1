import type { Message } from '../../schemas/message.ts';
import type { EventFrame } from '../frames.ts';

/** The list with this message in its place, unless it holds it as new or newer. The same list where nothing changed. */
export const withMessage = (messages: readonly Message[], message: Message): readonly Message[] => {
  const last = messages.at(-1);
  if (last === undefined || last.seq < message.seq) return [...messages, message];
  const index = messages.findIndex(({ seq }) => seq >= message.seq);
  const present = messages[index]!;
  if (present.seq !== message.seq) return messages.toSpliced(index, 0, message);
  if (present.revision > message.revision) return messages;
  return messages.with(index, completed(message, present));
};

/** What a push leaves open, as far as it was known. */
const completed = (message: Message, present: Message): Message => {
  const mine = new Map(present.reactions.map((reaction) => [reaction.emoji, reaction.mine]));
  return {
    ...message,
    state: message.state ?? present.state,
    reactions: message.reactions.map((reaction) =>
      reaction.mine === null ? { ...reaction, mine: mine.get(reaction.emoji) ?? false } : reaction,
    ),
  };
};

export const withoutMessages = (
  messages: readonly Message[],
  isGone: (message: Message) => boolean,
): readonly Message[] => (messages.some(isGone) ? messages.filter((message) => !isGone(message)) : messages);

/** What is left of a message that was deleted for everyone. */
export const tombstone = (message: Message, deletedAt: string): Message => ({
  ...message,
  deletedAt,
  text: null,
  custom: null,
  forwardedFrom: null,
  attachments: [],
  mentions: [],
  reactions: [],
  pinned: false,
});

/** With the user's own reaction it is as with a set: adding it twice adds it once. */
export const reacted = (message: Message, emoji: string, isOwn: boolean, isAdded: boolean): Message => {
  const present = message.reactions.find((reaction) => reaction.emoji === emoji);
  if (isOwn && (present?.mine ?? false) === isAdded) return message;
  if (present === undefined) {
    if (!isAdded) return message;
    return { ...message, reactions: [...message.reactions, { emoji, count: 1, mine: isOwn }] };
  }
  const changed = { emoji, count: present.count + (isAdded ? 1 : -1), mine: isOwn ? isAdded : present.mine };
  const reactions = message.reactions.map((reaction) => (reaction === present ? changed : reaction));
  return { ...message, reactions: reactions.filter(({ count }) => count > 0) };
};

/** A message pushed newer than its frame counts a reaction of the user's own, but does not say that it is his. */
const withMine = (message: Message, emoji: string, mine: boolean): Message => {
  const isKnown = message.reactions.every((reaction) => reaction.emoji !== emoji || reaction.mine === mine);
  if (isKnown) return message;
  return {
    ...message,
    reactions: message.reactions.map((reaction) => (reaction.emoji === emoji ? { ...reaction, mine } : reaction)),
  };
};

/** The messages after an event about one of them; whatever shows the event already stays as it is. */
export const evolveMessages = (
  messages: readonly Message[],
  { event, revision, at = '' }: EventFrame,
  userId: string,
): readonly Message[] => {
  const change = (
    messageId: string,
    apply: (message: Message) => Message,
    shown: (message: Message) => Message = (message) => message,
  ): readonly Message[] => {
    const index = messages.findIndex((message) => message.messageId === messageId);
    const present = messages[index];
    if (present === undefined) return messages;
    if (present.revision < revision) return messages.with(index, { ...apply(present), revision });
    const told = shown(present);
    return told === present ? messages : messages.with(index, told);
  };
  switch (event.type) {
    case 'messageEdited':
      return messages.some(({ messageId }) => messageId === event.message.messageId)
        ? withMessage(messages, event.message)
        : messages;
    case 'messageSent': {
      const { thread, sentAt } = event.message;
      if (thread === null) return messages;
      return change(thread.rootId, (root) => ({ ...root, replyCount: root.replyCount + 1, lastReplyAt: sentAt }));
    }
    case 'messageDeleted':
      return change(event.messageId, (message) => tombstone(message, at));
    case 'reactionAdded':
    case 'reactionRemoved': {
      const isAdded = event.type === 'reactionAdded';
      const isOwn = event.userId === userId;
      return change(
        event.messageId,
        (message) => reacted(message, event.emoji, isOwn, isAdded),
        (message) => (isOwn ? withMine(message, event.emoji, isAdded) : message),
      );
    }
    case 'pinned':
    case 'unpinned':
      return change(event.messageId, (message) => ({ ...message, pinned: event.type === 'pinned' }));
    default:
      return messages;
  }
};
