import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Nodes {
  readonly nodes: Readonly<Record<string, { readonly settings: { readonly path: { readonly home: string } } }>>;
}

/** Where a server of ours keeps everything. */
const dataFolder = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/_nodes/settings`);
  const { nodes } = (await answer.json()) as Nodes;
  return path.join(Object.values(nodes)[0]!.settings.path.home, 'data');
};

const holds = (file: string, text: string): boolean => {
  try {
    return readFileSync(file).includes(text);
  } catch {
    // It has been merged into another meanwhile.
    return false;
  }
};

/**
 * Whether any file of a server of ours holds this word. Documents are compressed, but the words of each stand beside
 * it as they are, and go with it.
 */
export const isOnDisk = async (url: string, text: string): Promise<boolean> => {
  const entries = readdirSync(await dataFolder(url), { recursive: true, withFileTypes: true });
  return entries.some((entry) => entry.isFile() && holds(path.join(entry.parentPath, entry.name), text));
};
