import { hash } from 'node:crypto';

export interface EventIdParts {
  readonly stream: string;
  readonly commandId: string;
  /** Place among the events of the command. */
  readonly index: number;
  readonly type: string;
  readonly data: unknown;
}

/**
 * A UUIDv8 (RFC 9562, 5.8) of where an event stands, which command it comes from and what it says. An append that is
 * repeated makes the same ids; another decision, even of the same command, makes others.
 */
export const eventId = ({ stream, commandId, index, type, data }: EventIdParts): string => {
  const digest = hash('sha256', JSON.stringify([stream, commandId, index, type, data]), 'hex');
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
};
