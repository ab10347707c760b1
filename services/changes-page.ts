import type { MemberDocument } from '../projections/feed/documents.ts';
import type { Revision } from '../ports/event-store.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';

/** Something that changed, at the revision of its last change. */
export type Thing = { readonly revision: Revision } & (
  | { readonly kind: 'message'; readonly message: MessageDocument }
  | { readonly kind: 'member'; readonly member: MemberDocument }
  | { readonly kind: 'hidden'; readonly messageId: string }
  | { readonly kind: 'conversation' | 'cleared' }
);

/** The first so many changed ones, ascending by revision. */
type Source<Document> = (count: number) => Promise<readonly Document[]>;

/** Beyond this revision a source that gave as many as were asked for may have more to tell. */
const toldUpTo = (found: readonly { readonly revision: Revision }[], count: number): Revision =>
  found.length < count ? Infinity : found.at(-1)!.revision - 1;

/** The longest run of whole revisions with at most `limit` things; the first revision alone may have more. */
const cut = (things: readonly Thing[], limit: number): readonly Thing[] => {
  const beyond = things[limit];
  if (beyond === undefined) return things;
  const whole = things.filter(({ revision }) => revision < beyond.revision);
  return whole.length > 0 ? whole : things.filter(({ revision }) => revision === beyond.revision);
};

/**
 * One page of what changed, ascending by revision, never ending inside one. It reads about as much as it gives, more
 * only where a single revision changed more things than a page has.
 */
export const pageOfChanges = async (
  limit: number,
  few: readonly Thing[],
  sources: { readonly messages: Source<MessageDocument>; readonly members: Source<MemberDocument> },
): Promise<{ readonly things: readonly Thing[]; readonly complete: boolean }> => {
  for (let count = limit + 1; ; count *= 4) {
    const [messages, members] = await Promise.all([sources.messages(count), sources.members(count)]);
    const horizon = Math.min(toldUpTo(messages, count), toldUpTo(members, count));
    const told = [
      ...few,
      ...messages.map((message): Thing => ({ kind: 'message', revision: message.revision, message })),
      ...members.map((member): Thing => ({ kind: 'member', revision: member.revision, member })),
    ]
      .filter(({ revision }) => revision <= horizon)
      .sort((one, other) => one.revision - other.revision);
    const things = cut(told, limit);
    if (things.length > 0 || horizon === Infinity) {
      return { things, complete: horizon === Infinity && things.length === told.length };
    }
  }
};
