import type { CommandBus } from '../../../commands/command-bus.ts';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import { directConversationId, type ConversationId, type UserId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { EventStore } from '../../../ports/event-store.ts';
import { CommandPipe } from './command-pipe.ts';
import { readEarlierRun, type EarlierRun } from './earlier-run.ts';
import { reactionEmoji } from './emoji.ts';
import { millisecondsOf, slackConversationId, slackMessageId } from './ids.ts';
import { isFilled, messageContents } from './message-content.ts';
import { cut, mapText, splitText, type Names } from './mrkdwn.ts';
import { importerSlackId, type People } from './people.ts';
import type { ConversationInfo, SlackRecord } from './records.ts';
import type { Tally } from './tally.ts';

export interface ChannelImportOptions {
  readonly bus: CommandBus;
  readonly events: EventStore;
  readonly people: People;
  readonly tally: Tally;
  readonly names: Names;
  readonly info: ConversationInfo;
}

const sendingSubtypes = new Set([
  undefined,
  'bot_message',
  'file_share',
  'me_message',
  'thread_broadcast',
  'file_comment',
]);
const joiningSubtypes = new Set(['channel_join', 'group_join']);
const leavingSubtypes = new Set(['channel_leave', 'group_leave']);
const topicSubtypes = new Set(['channel_topic', 'group_topic']);
const renamingSubtypes = new Set(['channel_name', 'group_name']);

/** Imports one conversation, record by record. Whoever does something in it is a member from then on. */
export class ChannelImport {
  readonly #options: ChannelImportOptions;
  readonly #importer: UserId;
  readonly #conversationId: ConversationId;
  readonly #earlier: EarlierRun;
  readonly #pipe: CommandPipe;
  #lastTs = '0';

  private constructor(options: ChannelImportOptions, importer: UserId, id: ConversationId, earlier: EarlierRun) {
    this.#options = options;
    this.#importer = importer;
    this.#conversationId = id;
    this.#earlier = earlier;
    this.#pipe = new CommandPipe({ ...options, conversationId: id, channel: options.info.id });
  }

  /** Starts the conversation if no run before has. `ts` is the time of the first record. */
  static async open(options: ChannelImportOptions, ts: string): Promise<ChannelImport> {
    const { info, people, events } = options;
    const startedTs =
      info.created === null || info.created === undefined ? ts : String(Math.min(info.created, Number(ts)));
    const [first = importerSlackId, second = importerSlackId] = info.members ?? [];
    const isDirect = info.kind === 'direct' && first !== second;
    const importer = await people.ensure(isDirect ? first : importerSlackId, startedTs);
    const other = isDirect ? await people.ensure(second, startedTs) : importer;
    const id = isDirect ? directConversationId(importer, other) : slackConversationId(info.id);
    const channel = new ChannelImport(options, importer, id, await readEarlierRun(events, id));
    if (!channel.#earlier.isStarted) await channel.#start(startedTs, isDirect ? other : undefined);
    return channel;
  }

  async #start(ts: string, other: UserId | undefined): Promise<void> {
    const { info } = this.#options;
    const conversationId = this.#conversationId;
    const name = cut(isFilled(info.name) ? info.name.toWellFormed() : info.id, limits.conversationNameCharacters);
    const topic = isFilled(info.topic?.value) ? this.#topic(info.topic.value) : null;
    const settings = { maxMembers: limits.maxMembersMost };
    const kind = info.kind === 'channel' ? 'channel' : 'group';
    const command: ConversationCommand =
      other === undefined
        ? { type: 'StartConversation', data: { conversationId, kind, name, topic, memberIds: [], settings } }
        : { type: 'StartDirect', data: { conversationId, userId: other } };
    await this.#pipe.push({ ts, what: 'start', actorId: this.#importer, command });
    for (const userId of [this.#importer, other ?? this.#importer]) this.#earlier.members.add(userId);
    await this.#pipe.drain();
  }

  async take(records: readonly SlackRecord[]): Promise<void> {
    for (const record of records) {
      this.#options.tally.read += 1;
      this.#lastTs = record.ts > this.#lastTs ? record.ts : this.#lastTs;
      await this.#one(record);
    }
    await this.#pipe.drain();
  }

  /** Members that the export lists but whose joining it does not tell; then the conversation closes, if it is archived. */
  async finish(): Promise<void> {
    const { info, people } = this.#options;
    if (this.#lastTs === '0' && this.#earlier.upTo > 0) return;
    if (info.kind !== 'direct') {
      for (const slackId of info.members ?? []) {
        await this.#join(await people.ensure(slackId, this.#lastTs), this.#lastTs, `listed/${slackId}`);
      }
    }
    if (info.is_archived === true) await this.#push(this.#lastTs, 'archive', this.#importer, close);
    await this.#pipe.drain();
  }

  async #one(record: SlackRecord): Promise<void> {
    const { subtype, ts } = record;
    if (sendingSubtypes.has(subtype)) return this.#send(record);
    if (subtype === 'message_changed') return this.#edit(record);
    if (subtype === 'message_deleted') return this.#delete(record);
    if (topicSubtypes.has(subtype ?? '')) {
      return this.#push(ts, 'topic', this.#importer, change({ topic: this.#topic(record.topic ?? '') }));
    }
    if (renamingSubtypes.has(subtype ?? '') && isFilled(record.name)) {
      const name = cut(record.name, limits.conversationNameCharacters);
      return this.#push(ts, 'name', this.#importer, change({ name }));
    }
    const isJoining = joiningSubtypes.has(subtype ?? '');
    if (!isJoining && !leavingSubtypes.has(subtype ?? '')) return this.#skip(`kind ${subtype} is not imported`);
    if (!isFilled(record.user)) return this.#skip('joins or leaves, but nobody is named');
    const userId = await this.#options.people.ensure(record.user, ts);
    if (isJoining) return this.#join(userId, ts, 'join');
    return this.#leave(userId, ts);
  }

  #skip(reason: string): void {
    this.#options.tally.skip(reason);
  }

  #topic(mrkdwn: string): string {
    return cut(mapText(mrkdwn, this.#options.names).text, limits.topicCharacters);
  }

  /**
   * What is about a message that the conversation no longer has at hand is looked up, and decided later than what
   * comes after it; alone, it keeps its place.
   */
  async #inPlace(ts: string, aboutTs: string, push: () => Promise<void>): Promise<void> {
    const isLookedUp = millisecondsOf(ts) - millisecondsOf(aboutTs) > limits.messageWindowMs / 2;
    if (isLookedUp) await this.#pipe.drain();
    await push();
    if (isLookedUp) await this.#pipe.drain();
  }

  /** A command of an earlier run is not sent again, nor is one that had no effect then. */
  async #push(ts: string, what: string, actorId: UserId, command: ConversationCommand): Promise<void> {
    const { commands, upTo, seen } = this.#earlier;
    const isRepeated = commands.has(this.#pipe.idOf({ ts, what }));
    const isAddition =
      command.type === 'SendMessage' || (command.type === 'PutMember' && !seen.has(command.data.userId));
    if (isRepeated || (!isAddition && millisecondsOf(ts) < upTo)) this.#options.tally.repeated += 1;
    else await this.#pipe.push({ ts, what, actorId, command });
  }

  async #join(userId: UserId, ts: string, what: string): Promise<void> {
    const { members, seen } = this.#earlier;
    if (members.has(userId)) return;
    const actorId = this.#options.info.kind === 'channel' ? userId : this.#importer;
    await this.#push(ts, what, actorId, { type: 'PutMember', data: { userId } });
    members.add(userId);
    seen.add(userId);
  }

  async #leave(userId: UserId, ts: string): Promise<void> {
    await this.#join(userId, ts, 'seen');
    await this.#push(ts, 'leave', userId, { type: 'RemoveMember', data: { userId } });
    this.#earlier.members.delete(userId);
  }

  async #send(record: SlackRecord): Promise<void> {
    const { people, names, info } = this.#options;
    const { ts, thread_ts: threadTs } = record;
    const author = record.user ?? record.bot_id ?? importerSlackId;
    people.learnLabel(author, record.username);
    const contents = messageContents(record, names);
    if (contents.length === 0) return this.#skip('message without any text');
    const senderId = await people.ensure(author, ts);
    const rootId = isFilled(threadTs) && threadTs !== ts ? slackMessageId(info.id, threadTs) : undefined;
    const thread = rootId !== undefined && this.#earlier.senders.has(rootId) ? rootId : undefined;
    for (const [part, content] of contents.entries()) {
      const messageId = slackMessageId(info.id, ts, part);
      const what = `send/${part}`;
      if (!this.#earlier.commands.has(this.#pipe.idOf({ ts, what }))) await this.#join(senderId, ts, 'seen');
      const data = { messageId, content: { ...content, ...(thread !== undefined && { thread }) } };
      await this.#inPlace(ts, thread === undefined ? ts : threadTs!, () =>
        this.#push(ts, what, senderId, { type: 'SendMessage', data }),
      );
      this.#earlier.senders.set(messageId, senderId);
    }
    await this.#react(record, slackMessageId(info.id, ts));
  }

  async #react({ ts, reactions }: SlackRecord, messageId: string): Promise<void> {
    for (const { name, users } of reactions ?? []) {
      const emoji = reactionEmoji(name);
      if (emoji === undefined) {
        this.#options.tally.skip('reaction with an emoji of the workspace', users.length);
        continue;
      }
      for (const slackId of users) {
        const userId = await this.#options.people.ensure(slackId, ts);
        await this.#join(userId, ts, `seen/${slackId}`);
        const command: ConversationCommand = { type: 'AddReaction', data: { messageId, emoji } };
        await this.#push(ts, `react/${slackId}/${name}`, userId, command);
      }
    }
  }

  async #edit({ ts, message }: SlackRecord): Promise<void> {
    const { info, names } = this.#options;
    const messageId = slackMessageId(info.id, message?.ts ?? '0');
    const senderId = this.#earlier.senders.get(messageId);
    if (senderId === undefined) return this.#skip('edit of a message from before the export');
    const mapped = mapText(message?.text ?? '', names);
    if (mapped.text === '') return this.#skip('edit that leaves no text');
    const [text = ''] = splitText(mapped.text, limits.textBytes);
    const content = { text, mentions: mapped.mentions.slice(0, limits.mentions) };
    await this.#join(senderId, ts, 'seen');
    await this.#inPlace(ts, message!.ts, () =>
      this.#push(ts, 'edit', senderId, { type: 'EditMessage', data: { messageId, content } }),
    );
  }

  async #delete({ ts, deleted_ts: deletedTs }: SlackRecord): Promise<void> {
    const messageId = slackMessageId(this.#options.info.id, deletedTs ?? '0');
    const senderId = this.#earlier.senders.get(messageId);
    if (senderId === undefined) return this.#skip('deletion of a message from before the export');
    await this.#join(senderId, ts, 'seen');
    await this.#inPlace(ts, deletedTs!, () =>
      this.#push(ts, 'delete', senderId, { type: 'DeleteMessage', data: { messageId } }),
    );
  }
}

const close: ConversationCommand = { type: 'CloseConversation', data: {} };
const change = (data: { readonly name?: string; readonly topic?: string }): ConversationCommand => ({
  type: 'ChangeConversation',
  data,
});
