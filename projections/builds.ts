import type { CollectionSpec, ProjectedStore } from '../ports/document-store.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { Projection } from './projection.ts';
import { checkpointOf, shardsOf } from './shards.ts';

/** One set of documents that a projection has made. The checkpoints of its shards say how far it is. */
export interface Build {
  /** `<projection>.v<version>.<generation>`; its collections are called `<build>.<collection>`. */
  readonly name: string;
  readonly version: number;
  /** Every build of a projection has a higher one than those before it. */
  readonly generation: number;
  /** Into how many parts its streams are divided; the same as long as it lives. */
  readonly shards: number;
}

const nameOf = (projection: string, version: number, generation: number): string =>
  `${projection}.v${version}.${generation}`;

/** The checkpoint that says which generation is live. */
export const liveKey = (projection: string): string => `live:${projection}`;
/** The checkpoint that says of which version a generation is; whoever makes it has claimed the generation. */
const versionKey = (projection: string, generation: number): string => `version:${projection}.${generation}`;
/** The checkpoint that says how many shards a generation has; without it there is one. */
const shardsKey = (projection: string, generation: number): string => `shards:${projection}.${generation}`;

const checkpointsOf = ({ name, shards }: Pick<Build, 'name' | 'shards'>): readonly string[] =>
  shardsOf(shards).map((shard) => checkpointOf(name, shard));

const specsOf = ({ collections }: Projection, { name }: Build): readonly (readonly [string, CollectionSpec])[] =>
  Object.entries(collections).map(([short, { fields, indexes }]) => [
    short,
    { name: `${name}.${short}`, fields, indexes },
  ]);

/** The build that reads go to, of whatever version; undefined before the first one is finished. */
export const readLive = async (documents: ProjectedStore, projection: string): Promise<Build | undefined> => {
  const generation = await documents.checkpoint(liveKey(projection));
  if (generation === undefined) return undefined;
  return await readBuild(documents, projection, Number(generation));
};

const readBuild = async (documents: ProjectedStore, projection: string, generation: number): Promise<Build> => {
  const keys = [versionKey(projection, generation), shardsKey(projection, generation)] as const;
  const found = await documents.checkpoints(keys);
  const version = Number(found.get(keys[0]) ?? 0);
  const shards = Number(found.get(keys[1]) ?? 1);
  return { name: nameOf(projection, version, generation), version, generation, shards };
};

/** Up to where all of the build is done; undefined when it does not exist (any more). */
export const positionOf = async (documents: ProjectedStore, build: Build): Promise<Position | undefined> => {
  const names = checkpointsOf(build);
  const found = await documents.checkpoints(names);
  if (found.size < names.length) return undefined;
  return [...found.values()].reduce((least, position) => (position < least ? position : least));
};

/** Makes `next` the live build in place of `before`; false when another process was first. */
export const makeLive = (
  documents: ProjectedStore,
  projection: string,
  before: Build | undefined,
  next: Build,
): Promise<boolean> =>
  documents.commit([], {
    name: liveKey(projection),
    from: before && BigInt(before.generation),
    to: BigInt(next.generation),
  });

/**
 * The generation after `live`, empty or as far as an earlier attempt of the same version has come. A new one has as many
 * shards as are asked for.
 */
export const claimNext = async (
  documents: ProjectedStore,
  projection: Projection,
  live: Build | undefined,
  shards = 1,
): Promise<Build> => {
  const { name, version } = projection;
  for (let generation = (live?.generation ?? 0) + 1; ; generation += 1) {
    const claim = versionKey(name, generation);
    await documents.commit([], { name: claim, from: undefined, to: BigInt(version) });
    if ((await documents.checkpoint(claim)) !== BigInt(version)) continue;
    await documents.commit([], { name: shardsKey(name, generation), from: undefined, to: BigInt(shards) });
    const build = await readBuild(documents, name, generation);
    await documents.ensure(specsOf(projection, build).map(([, spec]) => spec));
    for (const checkpoint of checkpointsOf(build)) {
      await documents.commit([], { name: checkpoint, from: undefined, to: beforeLog });
    }
    return build;
  }
};

/** Shows the build to analysts, under names that stay when the next one takes its place. */
export const exposeBuild = async (documents: ProjectedStore, projection: Projection, build: Build): Promise<void> => {
  for (const [short, spec] of specsOf(projection, build)) await documents.expose(`${projection.name}_${short}`, spec);
};

/** Drops the builds before `live`, whatever their version, and unfinished later ones of other versions. */
export const dropOthers = async (documents: ProjectedStore, projection: string, live: Build): Promise<void> => {
  const builds = Map.groupBy(await documents.collections(), (collection) => {
    const [name, version, generation] = collection.split('.');
    if (name !== projection || !version?.startsWith('v')) return undefined;
    return nameOf(name, Number(version.slice(1)), Number(generation));
  });
  for (const [build, collections] of builds) {
    if (build === undefined || build === live.name) continue;
    const generation = Number(build.split('.')[2]);
    const isLeftOver = generation < live.generation || !build.startsWith(`${projection}.v${live.version}.`);
    if (!isLeftOver) continue;
    // The checkpoint first: whoever still writes to the build is fenced before its collections are gone.
    const { shards } = await readBuild(documents, projection, generation);
    const claims = [versionKey(projection, generation), shardsKey(projection, generation)];
    await documents.dropCheckpoints([...checkpointsOf({ name: build, shards }), ...claims]);
    await documents.drop(collections);
  }
};
