import { crc32 } from 'node:zlib';

interface Entry {
  readonly name: Buffer;
  readonly data: Buffer;
  readonly offset: number;
}

/** What the local header and the directory say alike of an entry (PKWARE APPNOTE 6.3, 4.3.7 and 4.3.12). */
const common = ({ name, data }: Pick<Entry, 'name' | 'data'>): Buffer => {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(0x0800, 2);
  fields.writeUInt32LE(crc32(data), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(data.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
};

const directoryEntry = (entry: Entry): Buffer => {
  const head = Buffer.from([0x50, 0x4b, 1, 2, 20, 0]);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(entry.offset, 10);
  return Buffer.concat([head, common(entry), tail, entry.name]);
};

/** An archive of these files, not compressed. */
export const zipOf = (files: Readonly<Record<string, string | Uint8Array>>): Buffer => {
  const entries: Entry[] = [];
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const data = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
    const entry = { name: Buffer.from(path), data, offset };
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common(entry), entry.name, entry.data]);
    entries.push(entry);
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries.map((entry) => directoryEntry(entry)));
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
};
