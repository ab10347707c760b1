import type { TrafficEvent } from './traffic.ts';

export interface ExpectedMessage {
  readonly user: string;
  readonly text: string;
  readonly edits: number;
  readonly deleted: boolean;
  readonly replies: number;
}

export interface ExpectedChannel {
  /** In order of sending, by `ts`. */
  readonly messages: ReadonlyMap<string, ExpectedMessage>;
  readonly members: ReadonlySet<string>;
  readonly topic: string | null;
}

const isLeaving = ({ subtype }: TrafficEvent): boolean => subtype === 'channel_leave';
const isSent = ({ subtype }: TrafficEvent): boolean =>
  subtype === undefined || ['bot_message', 'file_share', 'me_message'].includes(subtype);

/**
 * What must stand on the server once the events of one channel were played: worked out from the file alone. Whoever
 * does something is a member from then on, until he leaves.
 */
export const expectedChannel = (events: readonly TrafficEvent[]): ExpectedChannel => {
  const messages = new Map<string, ExpectedMessage>();
  const members = new Set<string>();
  let topic: string | null = null;
  const change = (ts: string | undefined, next: (old: ExpectedMessage) => ExpectedMessage): void => {
    const old = messages.get(ts ?? '');
    if (old === undefined || old.deleted) return;
    messages.set(ts!, next(old));
    members.add(old.user);
  };
  for (const event of events) {
    const { user, ts } = event;
    if (event.subtype === 'channel_topic') topic = event.topic!;
    if (event.subtype === 'message_deleted') change(event.deleted_ts, (old) => ({ ...old, deleted: true, text: '' }));
    if (event.subtype === 'message_changed') {
      const text = event.message!.text;
      change(event.message!.ts, (old) => (old.text === text ? old : { ...old, text, edits: old.edits + 1 }));
    }
    if (event.subtype === 'channel_join' || isSent(event)) members.add(user!);
    if (isLeaving(event)) members.delete(user!);
    // A bot's message without any text has nothing that could be sent.
    if (!isSent(event) || event.text === '') continue;
    messages.set(ts, { user: user!, text: event.text!, edits: 0, deleted: false, replies: 0 });
    const root = messages.get(event.thread_ts ?? '');
    if (root !== undefined && event.thread_ts !== ts)
      messages.set(event.thread_ts!, { ...root, replies: root.replies + 1 });
  }
  return { messages, members, topic };
};
