import { hash } from 'node:crypto';
import { derivedId, derivedTimedId, type ConversationId, type MessageId, type UserId } from '../../../domain/ids.ts';

/** Marks the command ids of an import, so that a later run knows them in the log. */
const commandMark = '851a';

const hexTime = (milliseconds: number): string => milliseconds.toString(16).padStart(12, '0');

/** Slack's `ts` has microseconds and names a message in its channel. */
export const millisecondsOf = (ts: string): number => {
  const [seconds = '0', fraction = ''] = ts.split('.');
  return Number(seconds) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
};

export const slackUserId = (slackId: string): UserId => derivedId('slack', 'user', slackId);
export const slackConversationId = (slackId: string): ConversationId => derivedId('slack', 'conversation', slackId);

/**
 * A UUIDv7 that carries the message's own time: within the stream's time it proves itself new, so the first run needs
 * no look-ups, and a later run makes the same id.
 */
export const slackMessageId = (channel: string, ts: string, part = 0): MessageId =>
  derivedTimedId(millisecondsOf(ts), 'slack', 'message', channel, ts, `${part}`);

/** A UUIDv8 with the time of what is imported in front: the same record always gives the same command. */
export const slackCommandId = (channel: string, ts: string, what: string): string => {
  const time = hexTime(millisecondsOf(ts));
  const rest = hash('sha256', `command/${channel}/${ts}/${what}`, 'hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-${commandMark}-8${rest.slice(0, 3)}-${rest.slice(3, 15)}`;
};

/** The time in a command id of an import; undefined for any other command id. */
export const importedTime = (commandId: string): number | undefined =>
  commandId.slice(14, 18) === commandMark
    ? Number.parseInt(commandId.slice(0, 8) + commandId.slice(9, 13), 16)
    : undefined;
