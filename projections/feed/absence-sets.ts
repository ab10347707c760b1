import type { SeqSetQuestion, SeqSets, SeqSetState } from '../../ports/seq-sets.ts';
import type { ModelReader } from '../model-reader.ts';
import type { GapDocument, HiddenDocument } from './documents.ts';
import { readFloor } from './floor.ts';
import type { SeqSetHealer, SeqSource } from './seq-set-healer.ts';
import { needsLookUp, type Membership } from './unread.ts';

export interface AbsenceSets {
  readonly sets: SeqSets;
  readonly healer: SeqSetHealer;
}

/** A set that an unread count is about, and where its numbers come from. */
interface Absence {
  readonly state: SeqSetState;
  readonly source: SeqSource;
}

const gapsOf = (feed: ModelReader, { conversation }: Membership): Absence => {
  const { conversationId, deletedCount: count, deletedDigest: digest } = conversation;
  const range = { index: 'byRevision', equal: [conversationId] };
  return {
    state: { set: `gaps:${conversationId}`, count, digest },
    source: {
      after: (revision, limit) => feed.find<GapDocument>('gaps', { ...range, greaterThan: [revision], limit }),
      all: () => feed.all<GapDocument>('gaps', range, ({ revision }) => [revision]),
    },
  };
};

const hiddenOf = (feed: ModelReader, { member }: Membership): Absence => {
  const { conversationId, userId, hiddenCount: count, hiddenDigest: digest } = member;
  const range = { index: 'byRevision', equal: [conversationId, userId] };
  return {
    state: { set: `hidden:${conversationId}:${userId}`, count, digest },
    source: {
      after: (revision, limit) => feed.find<HiddenDocument>('hidden', { ...range, greaterThan: [revision], limit }),
      all: () => feed.all<HiddenDocument>('hidden', range, ({ revision }) => [revision]),
    },
  };
};

/** Those sets that have numbers among the unread messages. */
const absencesOf = (feed: ModelReader, membership: Membership, floor: number): readonly Absence[] => [
  ...(membership.conversation.lastDeletedSeq > floor ? [gapsOf(feed, membership)] : []),
  ...(membership.member.lastHiddenSeq > floor ? [hiddenOf(feed, membership)] : []),
];

/**
 * Unread counts of those memberships that the sets can tell. The documents name the state that a set must be in, so
 * whatever is told is what the log said when the documents were read; what is not held so is brought there meanwhile.
 */
export const tellUnread = async (
  feed: ModelReader,
  { sets, healer }: AbsenceSets,
  memberships: readonly Membership[],
): Promise<ReadonlyMap<Membership, number>> => {
  const asked = memberships.filter(needsLookUp).map((membership) => {
    const floor = readFloor(membership.conversation, membership.member);
    return { membership, floor, absences: absencesOf(feed, membership, floor) };
  });
  if (asked.length === 0) return new Map();
  const answers = await sets.count(
    asked.map(({ membership, floor, absences }): SeqSetQuestion => ({
      sets: absences.map(({ state }) => state),
      after: floor,
      upTo: membership.conversation.lastSeq,
    })),
  );
  const told = new Map<Membership, number>();
  for (const [index, { membership, floor, absences }] of asked.entries()) {
    const answer = answers[index];
    if (typeof answer === 'number') told.set(membership, membership.conversation.lastSeq - floor - answer);
    else if (answer === 'not-held') for (const { state, source } of absences) healer.heal(state, source);
  }
  return told;
};
