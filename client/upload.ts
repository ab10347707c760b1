/** What an upload is for. */
export interface UploadPurpose {
  readonly conversationId: string;
  readonly messageId: string;
  /** Place among the files of the message, from 0. */
  readonly index: number;
}

/**
 * Brings a file to where attachments are kept, and tells under which id. Called again, after a reload too, until it has
 * succeeded or thrown; the same purpose always means the same file.
 */
export type Uploader = (file: unknown, purpose: UploadPurpose) => Promise<{ readonly mediaId: string }>;

/** An upload was given up: its message stays where it is until its user tries again or discards it. */
export class UploadFailed extends Error {
  override readonly name = 'UploadFailed';
}
