import type { Attachment, Custom, ForwardedFrom, Mention } from '../../domain/conversation/values.ts';

/** A message to be sent later, until it has been. Collection `sends`, id `<userId>/<conversationId>/<messageId>`. */
export interface ScheduledDocument {
  readonly userId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly sendAt: string;
  readonly text: string | null;
  readonly custom: Custom | null;
  readonly attachments: readonly Attachment[];
  readonly mentions: readonly Mention[];
  readonly replyTo: string | null;
  readonly threadRootId: string | null;
  readonly forwardedFrom: ForwardedFrom | null;
  readonly expiresInSeconds: number | null;
  readonly digest: string;
  readonly scheduledAt: string;
  /** Code of the refusal, once its time came in vain. */
  readonly failure: string | null;
  /** As `sendAt` until it has failed, then null: for an index of what is left to do. */
  readonly dueAt: string | null;
}
