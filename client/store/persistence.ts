import type { ClientStorage } from '../storage/storage.ts';
import type { Copy } from './copy.ts';
import { closed } from './window.ts';

/** Where this device stands. */
export interface Standing {
  /** Of the last pushed frame that is in the copies; null: they lack something that no push will bring. */
  readonly position: string | null;
  readonly syncToken: string | null;
}

export interface Loaded {
  readonly standing: Standing;
  readonly copies: ReadonlyMap<string, Copy>;
}

/** Of another version nothing is taken over: everything is fetched again. */
const version = 1;
const standingKey = 'standing';
const copyPrefix = 'conversation/';
/** Messages kept of each conversation. */
const kept = 50;

export const loadCopies = async (storage: ClientStorage): Promise<Loaded | undefined> => {
  const entry = (await storage.read(standingKey)).get(standingKey) as
    | (Standing & { readonly version: number })
    | undefined;
  if (entry?.version !== version) return undefined;
  const copies = await storage.read(copyPrefix);
  return {
    standing: { position: entry.position, syncToken: entry.syncToken },
    copies: new Map([...copies].map(([key, copy]) => [key.slice(copyPrefix.length), copy as Copy])),
  };
};

/** Copies and the position they are at go together, so that neither is ever ahead of the other. */
export const writeCopies = async (
  storage: ClientStorage,
  userId: string,
  standing: Standing,
  changed: ReadonlyMap<string, Copy | undefined>,
): Promise<void> => {
  const copies = [...changed].map(([conversationId, copy]): [string, unknown] => [
    `${copyPrefix}${conversationId}`,
    copy && closed(copy, kept, userId),
  ]);
  await storage.write(new Map([...copies, [standingKey, { version, ...standing }]]));
};
