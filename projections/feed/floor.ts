import type { ConversationDocument, MemberDocument } from './documents.ts';

/** The read pointer as its owner sees it: set back while he keeps messages marked as unread. */
export const ownReadSeq = ({ readSeq, unreadFrom }: Pick<MemberDocument, 'readSeq' | 'unreadFrom'>): number =>
  unreadFrom === null ? readSeq : unreadFrom - 1;

/** Only messages with a higher seq are visible to the member. */
export const visibleAfter = (
  { settings }: Pick<ConversationDocument, 'settings'>,
  { clearedSeq, joinedSeq }: Pick<MemberDocument, 'clearedSeq' | 'joinedSeq'>,
): number => (settings.history === 'since-joining' ? Math.max(clearedSeq, joinedSeq) : clearedSeq);

/** Only messages with a higher seq can be unread. */
export const readFloor = (conversation: ConversationDocument, member: MemberDocument): number =>
  Math.max(ownReadSeq(member), visibleAfter(conversation, member));
