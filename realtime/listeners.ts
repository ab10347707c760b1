import type { Viewer } from './frame.ts';

/** What decides which part of a conversation one member sees. */
export interface Membership {
  joinedSeq: number;
  clearedSeq: number;
  /** Highest seq of the messages that the member has deleted for himself (0: none). */
  lastHiddenSeq: number;
}

export interface ListeningUser {
  readonly userId: string;
  hidesReads: boolean;
  readonly viewers: Set<Viewer>;
  readonly conversations: Map<string, Membership>;
}

export interface ListenedConversation {
  readonly conversationId: string;
  /** New members do not see what was sent before they joined. */
  sinceJoining: boolean;
  /** Of the last event seen here; undefined before the first. */
  revision: number | undefined;
  readonly members: Map<string, { readonly user: ListeningUser; readonly membership: Membership }>;
}

export interface MembershipOf extends Membership {
  readonly conversationId: string;
  readonly sinceJoining: boolean;
}

/** Only messages with a higher seq are visible to the member. */
export const floorOf = (sinceJoining: boolean, { joinedSeq, clearedSeq }: Membership): number =>
  Math.max(clearedSeq, sinceJoining ? joinedSeq : 0);

/** Who on this node listens to which conversation. A conversation is in it only while a member of it listens. */
export class Listeners {
  readonly #users = new Map<string, ListeningUser>();
  readonly #conversations = new Map<string, ListenedConversation>();

  user(userId: string): ListeningUser | undefined {
    return this.#users.get(userId);
  }

  conversation(conversationId: string): ListenedConversation | undefined {
    return this.#conversations.get(conversationId);
  }

  addUser(userId: string, hidesReads: boolean, memberships: readonly MembershipOf[]): ListeningUser {
    const user: ListeningUser = { userId, hidesReads, viewers: new Set(), conversations: new Map() };
    this.#users.set(userId, user);
    for (const membership of memberships) this.join(user, membership);
    return user;
  }

  join(
    user: ListeningUser,
    { conversationId, sinceJoining, joinedSeq, clearedSeq, lastHiddenSeq }: MembershipOf,
  ): void {
    const membership = { joinedSeq, clearedSeq, lastHiddenSeq };
    const conversation = this.#conversations.getOrInsertComputed(conversationId, () => ({
      conversationId,
      sinceJoining,
      revision: undefined,
      members: new Map(),
    }));
    user.conversations.set(conversationId, membership);
    conversation.members.set(user.userId, { user, membership });
  }

  leave(userId: string, conversationId: string): void {
    this.#users.get(userId)?.conversations.delete(conversationId);
    const conversation = this.#conversations.get(conversationId);
    conversation?.members.delete(userId);
    if (conversation?.members.size === 0) this.#conversations.delete(conversationId);
  }

  /** The user's memberships as they are now. */
  snapshot(user: ListeningUser): readonly MembershipOf[] {
    return [...user.conversations].map(([conversationId, { joinedSeq, clearedSeq, lastHiddenSeq }]) => {
      const { sinceJoining } = this.#conversations.get(conversationId)!;
      return { conversationId, sinceJoining, joinedSeq, clearedSeq, lastHiddenSeq };
    });
  }

  /** Forgets the user with his last viewer. */
  removeViewer(viewer: Viewer): void {
    const user = this.#users.get(viewer.userId);
    if (!user?.viewers.delete(viewer) || user.viewers.size > 0) return;
    for (const conversationId of user.conversations.keys()) this.leave(user.userId, conversationId);
    this.#users.delete(user.userId);
  }
}
