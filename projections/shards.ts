/** One of the equal parts into which a build's streams are divided; each has a checkpoint of its own. */
export interface Shard {
  readonly index: number;
  /** How many there are. */
  readonly of: number;
}

export const wholeBuild: Shard = { index: 0, of: 1 };

export const shardsOf = (count: number): readonly Shard[] =>
  Array.from({ length: count }, (_, index) => ({ index, of: count }));

/** Whether the shard's projector is the one for this stream: every document belongs to one stream, so to one shard. */
export const isOfShard = (stream: string, { index, of }: Shard): boolean => shardOf(stream, of) === index;

/** Index of the shard of so many that the stream belongs to. */
export const shardOf = (stream: string, of: number): number => (of === 1 ? 0 : hashOf(stream) % of);

/** Name of the checkpoint; that of a build in one piece is the build's own. */
export const checkpointOf = (build: string, { index, of }: Shard): string => (of === 1 ? build : `${build}/${index}`);

/** FNV-1a, 32 bits, then mixed (as MurmurHash3 ends): its lowest bits alone are not even. Never to change: builds depend on it. */
const hashOf = (text: string): number => {
  let hash = 0x81_1c_9d_c5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01_00_01_93);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
