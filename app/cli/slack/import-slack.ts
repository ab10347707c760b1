import { createPasswords } from '../../../services/passwords.ts';
import { randomBytes } from 'node:crypto';
import type { CommandBus } from '../../../commands/command-bus.ts';
import type { CredentialStore } from '../../../ports/credential-store.ts';
import type { EventStore } from '../../../ports/event-store.ts';
import { ChannelImport } from './channel-import.ts';
import type { Batch, SlackExport } from './export.ts';
import { slackUserId } from './ids.ts';
import type { Names } from './mrkdwn.ts';
import { People } from './people.ts';
import type { ConversationInfo, SlackRecord } from './records.ts';
import { Tally } from './tally.ts';

export interface ImportSlackOptions {
  readonly source: SlackExport;
  readonly bus: CommandBus;
  readonly events: EventStore;
  readonly credentials: CredentialStore;
  readonly onProgress: (bytes: number, tally: Tally) => void;
  /** Stops after what is under way; another run goes on from there. */
  readonly signal: AbortSignal;
}

/** So many batches are worked on at once, each of another conversation or waiting for the one before it. */
const batchesAtOnce = 32;

/**
 * Brings an export into the log, with its authors and times. Ids follow from Slack's own, so that a run that was
 * broken off is finished by another, and a finished one is repeated without a trace.
 */
export const importSlack = async (options: ImportSlackOptions): Promise<Tally> => {
  const { source, bus, events, credentials, onProgress, signal } = options;
  const tally = new Tally();
  const unknownPasswordHash = await createPasswords().hash(randomBytes(32).toString('base64'));
  const people = new People({ bus, credentials, unknownPasswordHash, users: source.users });
  const channelNames = new Map(source.conversations.map(({ id, name }) => [id, name ?? undefined]));
  const names: Names = {
    user(slackId, label) {
      people.learnLabel(slackId, label);
      return { name: people.displayName(slackId), userId: slackUserId(slackId) };
    },
    channel: (slackId) => channelNames.get(slackId),
  };

  const opened = new Map<string, Promise<ChannelImport>>();
  const open = (info: ConversationInfo, ts: string): Promise<ChannelImport> => {
    const present = opened.get(info.id) ?? ChannelImport.open({ bus, events, people, tally, names, info }, ts);
    opened.set(info.id, present);
    return present;
  };

  const lanes = new Map<string, Promise<void>>();
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  let bytes = 0;

  const work = async ({
    conversation,
    records,
  }: {
    conversation: ConversationInfo;
    records: readonly SlackRecord[];
  }) => {
    const [first] = records;
    if (first === undefined) return;
    const channel = await open(conversation, first.ts);
    await channel.take(records);
  };

  const schedule = (batch: Batch): void => {
    tally.skip('record that cannot be read', batch.unreadable);
    const before = lanes.get(batch.conversation.id) ?? Promise.resolve();
    const working = before
      .then(() => (failure === undefined ? work(batch) : undefined))
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        underWay.delete(working);
        bytes += batch.bytes;
        onProgress(bytes, tally);
      });
    lanes.set(batch.conversation.id, working);
    underWay.add(working);
  };

  for await (const batch of source.batches()) {
    if (signal.aborted || failure !== undefined) break;
    schedule(batch);
    while (underWay.size >= batchesAtOnce) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure;
  if (signal.aborted) return tally;
  for (const conversation of source.conversations) {
    const ts = String(conversation.created ?? 0);
    await (await open(conversation, ts)).finish();
  }
  return tally;
};
