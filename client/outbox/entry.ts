import type { EditBody, SendBody } from '../../schemas/message.ts';

/** What a user does in a conversation and wants done, now or later. */
export type Operation =
  | {
      readonly type: 'send';
      readonly messageId: string;
      readonly content: SendBody;
      /** What is to be uploaded before, as the application gave it. */
      readonly files: readonly unknown[];
      /** What has been, in the same order. */
      readonly uploaded: readonly { readonly mediaId: string }[];
    }
  | { readonly type: 'edit'; readonly messageId: string; readonly content: EditBody }
  | { readonly type: 'delete'; readonly messageId: string; readonly for: 'everyone' | 'me' }
  | { readonly type: 'react' | 'unreact'; readonly messageId: string; readonly emoji: string }
  | { readonly type: 'pin' | 'unpin'; readonly messageId: string }
  | { readonly type: 'receipt'; readonly delivered?: number | undefined; readonly read?: number | undefined };

/** Why something will not be done unless somebody does something about it. */
export interface Failure {
  /** Of docs/errors.md, or `upload/failed`. */
  readonly code: string;
  readonly title: string;
}

export interface Entry {
  /** Ascending in the order of what is to be done. */
  readonly entryId: string;
  readonly conversationId: string;
  readonly operation: Operation;
  /** When it was asked for, RFC 3339. */
  readonly at: string;
  /** null: it waits for its turn. */
  readonly failure: Failure | null;
  /** The server has done it, and the push that tells of it has not come yet. */
  readonly isConfirmed?: true;
}

/** Entries of one lane are done one after another; receipts wait for nothing. */
export const laneOf = ({ conversationId, operation }: Entry): string =>
  operation.type === 'receipt' ? `${conversationId}/receipts` : conversationId;

export const messageIdOf = ({ operation }: Entry): string | undefined =>
  'messageId' in operation ? operation.messageId : undefined;

const further = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined ? other : Math.max(one, other ?? 0);

type Receipt = Extract<Operation, { type: 'receipt' }>;

/** Two receipts as one. */
export const merged = (one: Receipt, other: Receipt): Receipt => ({
  type: 'receipt',
  delivered: further(one.delivered, other.delivered),
  read: further(one.read, other.read),
});
