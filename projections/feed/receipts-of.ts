import type { ModelReader } from '../model-reader.ts';
import type { DevicePointerDocument, ReceiptStepDocument } from './documents.ts';

export interface DeviceReceipt {
  readonly userId: string;
  readonly deviceId: string;
  readonly deliveredAt: string | null;
  readonly readAt: string | null;
}

/** When each device's pointers passed the message; null where they have not. */
export const readReceiptsOf = async (
  feed: ModelReader,
  conversationId: string,
  seq: number,
  after: readonly [userId: string, deviceId: string] | undefined,
  limit: number,
): Promise<readonly DeviceReceipt[]> => {
  const pointers = await feed.find<DevicePointerDocument>('devicePointers', {
    index: 'byDevice',
    equal: [conversationId],
    ...(after !== undefined && { greaterThan: after }),
    limit,
  });
  const passedAt = async (
    pointer: DevicePointerDocument,
    kind: ReceiptStepDocument['kind'],
  ): Promise<string | null> => {
    if (pointer[kind] < seq) return null;
    const [step] = await feed.find<ReceiptStepDocument>('receiptSteps', {
      index: 'byDevice',
      equal: [conversationId, pointer.userId, pointer.deviceId, kind],
      atLeast: [seq],
      limit: 1,
    });
    return step?.at ?? null;
  };
  return await Promise.all(
    pointers.map(async (pointer) => {
      const readAt = await passedAt(pointer, 'read');
      const deliveredAt = (await passedAt(pointer, 'delivered')) ?? readAt;
      return { userId: pointer.userId, deviceId: pointer.deviceId, deliveredAt, readAt };
    }),
  );
};
