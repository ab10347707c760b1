import { z } from 'zod';
import { CommandFailed } from '../data-folder.ts';
import type { ExportFile, ExportFiles } from './files.ts';
import { SlackConversation, SlackRecord, SlackUser, type ConversationInfo } from './records.ts';

/** Records of one conversation, in order, and how many bytes of the whole they stand for. */
export interface Batch {
  readonly conversation: ConversationInfo;
  readonly records: readonly SlackRecord[];
  readonly unreadable: number;
  readonly bytes: number;
}

export interface SlackExport {
  readonly users: readonly SlackUser[];
  readonly conversations: readonly ConversationInfo[];
  readonly bytes: number;
  /** Batches of one conversation come in order of time. */
  batches(): AsyncIterable<Batch>;
}

/** Splits what can be read from what cannot, so that one odd record does not stop an import. */
export const readRecords = (values: readonly unknown[]): { records: SlackRecord[]; unreadable: number } => {
  const parsed = values.map((value) => SlackRecord.safeParse(value));
  const records = parsed.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return { records, unreadable: values.length - records.length };
};

const lists: readonly (readonly [file: string, kind: ConversationInfo['kind']])[] = [
  ['channels.json', 'channel'],
  ['groups.json', 'group'],
  ['mpims.json', 'group'],
  ['dms.json', 'direct'],
];

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** Throws `CommandFailed` where the text is not a list of such items. */
export const parseList = <Item>(name: string, json: string, item: z.ZodType<Item>): readonly Item[] => {
  const parsed = z.array(item).safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandFailed(`${name} is not what Slack exports: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
};

const readList = async <Item>(source: ExportFiles, name: string, item: z.ZodType<Item>): Promise<readonly Item[]> => {
  if (!source.files.some((file) => file.name === name)) return [];
  return parseList(name, await source.read(name), item);
};

const daysOf = (files: readonly ExportFile[]): ReadonlyMap<string, readonly ExportFile[]> =>
  Map.groupBy(
    files.filter(({ name }) => /^[^/]+\/[^/]+\.json$/.test(name)),
    ({ name }) => name.slice(0, name.indexOf('/')),
  );

/** An export as Slack makes it: lists of users and conversations, and a folder of days for each conversation. */
export const readExport = async (source: ExportFiles): Promise<SlackExport> => {
  const users = await readList(source, 'users.json', SlackUser);
  const conversations: ConversationInfo[] = [];
  for (const [file, kind] of lists) {
    const list = await readList(source, file, SlackConversation);
    for (const conversation of list) conversations.push({ ...conversation, kind });
  }
  if (conversations.length === 0) throw new CommandFailed('This is no Slack export: it has no list of channels');
  const days = daysOf(source.files);
  const files = conversations
    .flatMap((conversation) => {
      const folder = days.get(conversation.name ?? '') ?? days.get(conversation.id) ?? [];
      return folder.map((file) => ({ conversation, file, day: file.name.slice(file.name.indexOf('/') + 1) }));
    })
    .sort((a, b) => (a.day < b.day ? -1 : 1));
  return {
    users,
    conversations,
    bytes: files.reduce((sum, { file }) => sum + file.bytes, 0),
    async *batches() {
      for (const { conversation, file } of files) {
        const values = z.array(z.unknown()).safeParse(parseJson(await source.read(file.name)));
        // A file that is none counts as one record that cannot be read.
        yield { conversation, ...readRecords(values.data ?? [undefined]), bytes: file.bytes };
      }
    },
  };
};
