import type { MessageDocument } from './document.ts';

type Reactions = MessageDocument['reactions'];
interface Given {
  readonly userId: string;
  readonly emoji: string;
}

/** Each emoji stands where it was first given, each user once and in the order of giving. */
export const withReaction = (reactions: Reactions, { userId, emoji }: Given): Reactions => {
  if (!reactions.some((reaction) => reaction.emoji === emoji)) return [...reactions, { emoji, userIds: [userId] }];
  return reactions.map((reaction) =>
    reaction.emoji === emoji && !reaction.userIds.includes(userId)
      ? { emoji, userIds: [...reaction.userIds, userId] }
      : reaction,
  );
};

export const withoutReaction = (reactions: Reactions, { userId, emoji }: Given): Reactions =>
  reactions
    .map((reaction) =>
      reaction.emoji === emoji ? { emoji, userIds: reaction.userIds.filter((id) => id !== userId) } : reaction,
    )
    .filter(({ userIds }) => userIds.length > 0);
