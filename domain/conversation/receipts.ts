import type { Context } from '../decider.ts';
import type { DeviceId } from '../ids.ts';
import { limits } from '../limits.ts';
import { enter, mustBeOpen } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent, ConversationEventOf } from './events.ts';
import type { ConversationState, DevicePointers, MemberState } from './state.ts';

export type Receipt = ConversationEventOf<'ReceiptsRecorded'>['data']['receipts'][number];

const start: DevicePointers = { delivered: 0, read: 0 };
export const pointersOf = ({ devices }: MemberState, deviceId: DeviceId): DevicePointers =>
  devices.get(deviceId) ?? start;

/** Pointers never go back, and what was read was delivered. */
export const advanced = ({ delivered, read }: DevicePointers, receipt: Omit<Receipt, 'userId' | 'deviceId'>) => {
  const readNow = Math.max(read, receipt.read ?? 0);
  return { delivered: Math.max(delivered, receipt.delivered ?? 0, readNow), read: readNow };
};

/**
 * No receipt goes beyond the last message. A read one ends `unreadFrom` even where the pointer was as far before. In a
 * large conversation what is only delivered is not recorded.
 */
export const recordReceipt = (
  state: ConversationState,
  { deviceId, delivered = 0, read = 0 }: CommandData<'RecordReceipt'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const { conversation, member } = enter(state, actorId);
  const { lastSeq, members } = conversation;
  const isLarge = members.size > limits.receiptMembers;
  const before = pointersOf(member, deviceId);
  const after = advanced(before, { delivered: Math.min(delivered, lastSeq), read: Math.min(read, lastSeq) });
  const endsUnread = read > 0 && member.unreadFrom !== null;
  const receipt: Receipt = {
    userId: actorId,
    deviceId,
    ...(!isLarge && after.delivered > before.delivered && { delivered: after.delivered }),
    ...((after.read > before.read || endsUnread) && { read: after.read }),
  };
  if (receipt.delivered === undefined && receipt.read === undefined) return [];
  mustBeOpen(conversation);
  return [{ type: 'ReceiptsRecorded', data: { receipts: [receipt], at } }];
};

const further = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined ? other : Math.max(one, other ?? 0);

const combined = (one: Receipt, other: Receipt): Receipt => {
  const [delivered, read] = [further(one.delivered, other.delivered), further(one.read, other.read)];
  const { userId, deviceId } = one;
  return { userId, deviceId, ...(delivered !== undefined && { delivered }), ...(read !== undefined && { read }) };
};

/** Adjacent receipts are one event, each device in it once. */
export const mergeReceipts = (previous: ConversationEvent, next: ConversationEvent): ConversationEvent | undefined => {
  if (previous.type !== 'ReceiptsRecorded' || next.type !== 'ReceiptsRecorded') return undefined;
  const byDevice = new Map<string, Receipt>();
  for (const receipt of [...previous.data.receipts, ...next.data.receipts]) {
    const key = `${receipt.userId}/${receipt.deviceId}`;
    const earlier = byDevice.get(key);
    byDevice.set(key, earlier === undefined ? receipt : combined(earlier, receipt));
  }
  return { type: 'ReceiptsRecorded', data: { receipts: [...byDevice.values()], at: next.data.at } };
};
