import { conversationOf, type Collection } from '../collection.ts';
import type { DevicePointerDocument, ReceiptStepDocument } from './documents.ts';

const kinds = ['delivered', 'read'] as const;

const deviceKey = (conversationId: string, userId: string, deviceId: string): string =>
  `${conversationId}/${userId}/${deviceId}`;

/** How far each device has got: it never goes back. */
export const devicePointers: Collection<DevicePointerDocument> = {
  shape: {
    fields: ['conversationId', 'userId', 'deviceId', 'delivered', 'read'],
    indexes: [{ name: 'byDevice', fields: ['conversationId', 'userId', 'deviceId'] }],
  },
  touches: (event, place) =>
    event.type === 'ReceiptsRecorded'
      ? event.data.receipts.map(({ userId, deviceId }) => deviceKey(conversationOf(place), userId, deviceId))
      : [],
  evolve(pointer, event, place, id) {
    if (event.type !== 'ReceiptsRecorded') return pointer;
    const conversationId = conversationOf(place);
    return event.data.receipts
      .filter(({ userId, deviceId }) => deviceKey(conversationId, userId, deviceId) === id)
      .reduce<DevicePointerDocument | undefined>(
        (before, { userId, deviceId, delivered = 0, read = 0 }) => ({
          conversationId,
          userId,
          deviceId,
          delivered: Math.max(before?.delivered ?? 0, delivered, read),
          read: Math.max(before?.read ?? 0, read),
        }),
        pointer,
      );
  },
};

/** When each device got how far: the first time counts. */
export const receiptSteps: Collection<ReceiptStepDocument> = {
  shape: {
    fields: ['conversationId', 'userId', 'deviceId', 'kind', 'seq', 'at'],
    indexes: [{ name: 'byDevice', fields: ['conversationId', 'userId', 'deviceId', 'kind', 'seq'] }],
  },
  touches: (event, place) =>
    event.type === 'ReceiptsRecorded'
      ? event.data.receipts.flatMap((receipt) => steps(conversationOf(place), receipt).map(({ id }) => id))
      : [],
  evolve(step, event, place, id) {
    if (step !== undefined || event.type !== 'ReceiptsRecorded') return step;
    const conversationId = conversationOf(place);
    for (const receipt of event.data.receipts) {
      const made = steps(conversationId, receipt).find((candidate) => candidate.id === id);
      if (made === undefined) continue;
      const { userId, deviceId } = receipt;
      return { conversationId, userId, deviceId, kind: made.kind, seq: made.seq, at: event.data.at };
    }
    return step;
  },
};

interface Receipt {
  readonly userId: string;
  readonly deviceId: string;
  readonly delivered?: number | undefined;
  readonly read?: number | undefined;
}

const steps = (conversationId: string, receipt: Receipt) =>
  kinds.flatMap((kind) => {
    const seq = receipt[kind];
    if (seq === undefined) return [];
    return [{ id: `${deviceKey(conversationId, receipt.userId, receipt.deviceId)}/${kind}/${seq}`, kind, seq }];
  });
