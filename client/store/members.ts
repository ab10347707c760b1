import type { Member } from '../../schemas/conversation.ts';
import type { EventFrame } from '../frames.ts';

type Members = ReadonlyMap<string, Member>;

export interface EvolvedMembers {
  readonly members: Members;
  /** Something that only the server knows: how far somebody new has come, whether somebody shows what he reads. */
  readonly isStale: boolean;
}

const withMember = (members: Members, userId: string, change: (member: Member) => Member): Members => {
  const member = members.get(userId);
  if (member === undefined) return members;
  return new Map(members).set(userId, change(member));
};

const advanced = (member: Member, delivered = 0, read = 0): Member => ({
  ...member,
  readSeq: Math.max(member.readSeq, read),
  deliveredSeq: Math.max(member.deliveredSeq, delivered, read),
});

/** The members after an event. Repeating one that they show already changes nothing. */
export const evolveMembers = (members: Members, { event, at = '' }: EventFrame): EvolvedMembers => {
  const sure = (evolved: Members): EvolvedMembers => ({ members: evolved, isStale: false });
  switch (event.type) {
    case 'receipts':
      return sure(
        event.receipts.reduce<Members>(
          (all, { userId, delivered, read }) => withMember(all, userId, (member) => advanced(member, delivered, read)),
          members,
        ),
      );
    case 'messageSent': {
      const { senderId, seq } = event.message;
      const sender = members.get(senderId);
      if (sender === undefined) return sure(members);
      // Who was told messages but shows none as read may hide what he reads, or not have read any.
      const mayHide = sender.readSeq === 0 && sender.deliveredSeq > 0;
      const evolved = withMember(members, senderId, (member) => advanced(member, seq, mayHide ? 0 : seq));
      return { members: evolved, isStale: mayHide };
    }
    case 'memberAdded': {
      const { userId, role } = event;
      const member = { userId, role, joinedAt: at, readSeq: 0, deliveredSeq: 0 };
      return { members: new Map(members).set(userId, member), isStale: true };
    }
    case 'memberChanged':
      return sure(withMember(members, event.userId, (member) => ({ ...member, role: event.role })));
    case 'memberRemoved': {
      const rest = new Map(members);
      rest.delete(event.userId);
      return sure(rest);
    }
    default:
      return sure(members);
  }
};
