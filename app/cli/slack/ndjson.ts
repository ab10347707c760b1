import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { parseList, readRecords, type Batch, type SlackExport } from './export.ts';
import { SlackConversation, SlackUser, type ConversationInfo } from './records.ts';

const linesInOneBatch = 500;

const readBeside = async <Item>(file: string, name: string, item: z.ZodType<Item>): Promise<readonly Item[]> => {
  const beside = path.join(path.dirname(file), name);
  return existsSync(beside) ? parseList(name, await readFile(beside, 'utf8'), item) : [];
};

const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** A file of events, one a line, each naming its channel; `channels.json` and `users.json` beside it are read, too. */
export const readNdjson = async (file: string): Promise<SlackExport> => {
  const listed = await readBeside(file, 'channels.json', SlackConversation);
  const known = new Map<string, ConversationInfo>(
    listed.map((channel) => [channel.id, { ...channel, kind: 'channel' }]),
  );
  const conversation = (id: string): ConversationInfo => {
    const info = known.get(id) ?? { id, kind: 'channel' };
    known.set(id, info);
    return info;
  };

  const split = function* (lines: readonly string[]): Generator<Batch> {
    const { records, unreadable } = readRecords(lines.map((line) => parseLine(line)));
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    const groups = [...Map.groupBy(records, ({ channel }) => channel ?? '')];
    for (const [index, [channel, group]] of groups.entries()) {
      const isFirst = index === 0;
      yield {
        conversation: conversation(channel),
        records: group,
        unreadable: isFirst ? unreadable : 0,
        bytes: isFirst ? bytes : 0,
      };
    }
  };

  return {
    users: await readBeside(file, 'users.json', SlackUser),
    // Only those that something happened in are imported.
    conversations: [],
    bytes: (await stat(file)).size,
    async *batches() {
      let lines: string[] = [];
      for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
        if (line.trim() === '') continue;
        if (lines.push(line) < linesInOneBatch) continue;
        yield* split(lines);
        lines = [];
      }
      if (lines.length > 0) yield* split(lines);
    },
  };
};
