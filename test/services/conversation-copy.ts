import type { Conversation, Member } from '../../schemas/conversation.ts';
import type { Message } from '../../schemas/message.ts';
import type { Caller } from '../../services/caller.ts';
import type { Messaging } from '../../services/messaging.ts';

/** A state follows from the receipts of members; it is no change of the message. */
export const withoutState = (message: Message): Message => ({ ...message, state: null });

/** A client's copy of one conversation, kept by changes alone. */
export class ConversationCopy {
  conversation: Conversation | undefined;
  messages = new Map<string, Message>();
  members = new Map<string, Member>();
  revision: number | undefined;

  branch(): ConversationCopy {
    const copy = new ConversationCopy();
    copy.conversation = this.conversation;
    copy.messages = new Map(this.messages);
    copy.members = new Map(this.members);
    copy.revision = this.revision;
    return copy;
  }

  /** One page; true while there are more. */
  async step({ changes }: Messaging, caller: Caller, conversationId: string, limit: number): Promise<boolean> {
    const page = await changes.changes(caller, conversationId, this.revision, limit);
    if (page.revision < (this.revision ?? 0)) throw new Error('A page went back behind its own since');
    this.conversation = page.conversation ?? this.conversation;
    for (const message of page.messages) this.messages.set(message.messageId, withoutState(message));
    for (const member of page.members ?? []) this.members.set(member.userId, member);
    for (const userId of page.removedMembers ?? []) this.members.delete(userId);
    for (const messageId of page.hidden ?? []) this.messages.delete(messageId);
    for (const { messageId, seq } of this.messages.values()) {
      if (seq <= (page.clearedSeq ?? 0)) this.messages.delete(messageId);
    }
    this.revision = page.revision;
    return page.more;
  }

  async finish(messaging: Messaging, caller: Caller, conversationId: string, limit: number): Promise<void> {
    while (await this.step(messaging, caller, conversationId, limit));
  }

  content() {
    return {
      conversation: this.conversation,
      messages: [...this.messages.values()].sort((one, other) => one.seq - other.seq),
      members: [...this.members.values()].sort((one, other) => (one.userId < other.userId ? -1 : 1)),
      revision: this.revision,
    };
  }
}
