import type { ModelReader } from '../model-reader.ts';
import type { ConversationDocument, MemberDocument } from './documents.ts';
import { memberKey } from './members.ts';
import type { Membership } from './unread.ts';

/** A conversation that changes faster than it can be read is taken as it was read last. */
const rounds = 5;

const isAsBefore = (before: { readonly changedPosition: string }, now: { readonly changedPosition: string }): boolean =>
  before.changedPosition === now.changedPosition;

/** Each member with the head of his conversation as both were at one moment; those who have left by then are left out. */
export const readMemberships = async (
  feed: ModelReader,
  members: readonly MemberDocument[],
): Promise<readonly Membership[]> => {
  const settled: Membership[] = [];
  let pending = members;
  for (let round = 1; pending.length > 0; round += 1) {
    const heads = await readHeads(feed, pending);
    const again = await readMembers(feed, pending);
    const changed: MemberDocument[] = [];
    for (const member of pending) {
      const conversation = heads.get(member.conversationId);
      const now = again.get(keyOf(member));
      if (conversation === undefined || now === undefined || now.leftAt !== null) continue;
      // The member did not change while the head was read, so they are of one moment.
      if (isAsBefore(member, now) || round === rounds) settled.push({ member: now, conversation });
      else changed.push(now);
    }
    pending = changed;
  }
  return settled;
};

export interface Computed<Result> {
  readonly membership: Membership;
  readonly result: Result;
}

/**
 * Computes something of each membership, again where a document changed meanwhile, so that every result is what the
 * log said at one moment. Where `isTold` says that the documents alone tell the result, nothing is read again.
 */
export const computeConsistently = async <Result>(
  feed: ModelReader,
  memberships: readonly Membership[],
  isTold: (membership: Membership) => boolean,
  compute: (membership: Membership) => Promise<Result>,
): Promise<readonly Computed<Result>[]> => {
  const results: Computed<Result>[] = await Promise.all(
    memberships.map(async (membership) => ({ membership, result: await compute(membership) })),
  );
  let pending = results.keys().filter((index) => !isTold(results[index]!.membership));
  for (let round = 1; round < rounds; round += 1) {
    const used = pending
      .map((index) => {
        const { member, conversation } = results[index]!.membership;
        return { index, member, conversation };
      })
      .toArray();
    if (used.length === 0) break;
    const membersNow = await readMembers(
      feed,
      used.map(({ member }) => member),
    );
    const headsNow = await readHeads(
      feed,
      used.map(({ member }) => member),
    );
    const changed = used.filter(({ member, conversation }) => {
      const memberNow = membersNow.get(keyOf(member)) ?? member;
      const headNow = headsNow.get(member.conversationId) ?? conversation;
      return !isAsBefore(member, memberNow) || !isAsBefore(conversation, headNow);
    });
    const fresh = await readMemberships(
      feed,
      changed.map(({ member }) => member),
    );
    const freshByMember = new Map(fresh.map((membership) => [keyOf(membership.member), membership]));
    for (const { index, member } of changed) {
      // Whoever has left meanwhile keeps what was computed before.
      const membership = freshByMember.get(keyOf(member));
      if (membership !== undefined) results[index] = { membership, result: await compute(membership) };
    }
    pending = changed.values().map(({ index }) => index);
  }
  return results;
};

const keyOf = ({ conversationId, userId }: MemberDocument): string => memberKey(conversationId, userId);

const readHeads = (feed: ModelReader, members: readonly MemberDocument[]) =>
  feed.getMany<ConversationDocument>(
    'conversations',
    members.map(({ conversationId }) => conversationId),
  );
const readMembers = (feed: ModelReader, members: readonly MemberDocument[]) =>
  feed.getMany<MemberDocument>('members', members.map(keyOf));
