import type { ModelReader } from '../model-reader.ts';
import { gapKey } from './absences.ts';
import type {
  ConversationDocument,
  GapDocument,
  HiddenDocument,
  MemberDocument,
  MentionDocument,
} from './documents.ts';
import { readFloor } from './floor.ts';
import { mentionKey } from './mentions.ts';

export interface Membership {
  readonly member: MemberDocument;
  readonly conversation: ConversationDocument;
}

/** Whether the unread count can be told from the two documents alone. */
export const needsLookUp = ({ member, conversation }: Membership): boolean => {
  const floor = readFloor(conversation, member);
  return conversation.lastSeq > floor && (conversation.lastDeletedSeq > floor || member.lastHiddenSeq > floor);
};

/** Messages after the read pointer that the member can see. */
export const countUnread = async (feed: ModelReader, { member, conversation }: Membership): Promise<number> => {
  const floor = readFloor(conversation, member);
  const { conversationId, lastSeq } = conversation;
  if (lastSeq <= floor) return 0;
  const range = { index: 'bySeq', equal: [conversationId], greaterThan: [floor], atMost: [lastSeq] };
  const deleted = conversation.lastDeletedSeq > floor ? await feed.count('gaps', range) : 0;
  const hidden = await hiddenBetween(feed, member, floor, lastSeq);
  const both = await feed.getMany<GapDocument>(
    'gaps',
    hidden.map(({ seq }) => gapKey(conversationId, seq)),
  );
  return lastSeq - floor - deleted - (hidden.length - both.size);
};

/** Those among the unread messages whose present mentions name the member or everyone. */
export const countMentions = async (feed: ModelReader, { member, conversation }: Membership): Promise<number> => {
  const floor = readFloor(conversation, member);
  const { conversationId, lastSeq } = conversation;
  if (lastSeq <= floor) return 0;
  const targets = [member.userId, 'everyone'];
  const counts = await Promise.all(
    targets.map((target) =>
      feed.count('mentions', {
        index: 'byTarget',
        equal: [conversationId, target],
        greaterThan: [floor],
        atMost: [lastSeq],
      }),
    ),
  );
  const hidden = await hiddenBetween(feed, member, floor, lastSeq);
  const unseen = await feed.getMany<MentionDocument>(
    'mentions',
    hidden.flatMap(({ seq }) => targets.map((target) => mentionKey(conversationId, seq, target))),
  );
  return counts.reduce((sum, count) => sum + count, 0) - unseen.size;
};

const hiddenBetween = async (
  feed: ModelReader,
  { conversationId, userId, lastHiddenSeq }: MemberDocument,
  floor: number,
  lastSeq: number,
): Promise<readonly HiddenDocument[]> => {
  if (lastHiddenSeq <= floor) return [];
  const range = { index: 'bySeq', equal: [conversationId, userId], greaterThan: [floor], atMost: [lastSeq] };
  return await feed.all<HiddenDocument>('hidden', range, ({ seq }) => [seq]);
};
