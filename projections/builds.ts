import type { CollectionSpec, ProjectedStore } from '../ports/document-store.ts';
import { beforeLog } from '../ports/event-store.ts';
import type { Projection } from './projection.ts';

/** One set of documents that a projection has made. The checkpoint of the same name says how far it is. */
export interface Build {
  /** `<projection>.v<version>.<generation>`; its collections are called `<build>.<collection>`. */
  readonly name: string;
  readonly version: number;
  /** Every build of a projection has a higher one than those before it. */
  readonly generation: number;
}

const buildOf = (projection: string, version: number, generation: number): Build => ({
  name: `${projection}.v${version}.${generation}`,
  version,
  generation,
});

/** The checkpoint that says which generation is live. */
const liveKey = (projection: string): string => `live:${projection}`;
/** The checkpoint that says of which version a generation is; whoever makes it has claimed the generation. */
const versionKey = (projection: string, generation: number): string => `version:${projection}.${generation}`;

const specsOf = ({ collections }: Projection, { name }: Build): readonly (readonly [string, CollectionSpec])[] =>
  Object.entries(collections).map(([short, { fields, indexes }]) => [
    short,
    { name: `${name}.${short}`, fields, indexes },
  ]);

/** The build that reads go to, of whatever version; undefined before the first one is finished. */
export const readLive = async (documents: ProjectedStore, projection: string): Promise<Build | undefined> => {
  const generation = await documents.checkpoint(liveKey(projection));
  if (generation === undefined) return undefined;
  const version = await documents.checkpoint(versionKey(projection, Number(generation)));
  return buildOf(projection, Number(version ?? 0), Number(generation));
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

/** The generation after `live`, empty or as far as an earlier attempt of the same version has come. */
export const claimNext = async (
  documents: ProjectedStore,
  projection: Projection,
  live: Build | undefined,
): Promise<Build> => {
  const { name, version } = projection;
  for (let generation = (live?.generation ?? 0) + 1; ; generation += 1) {
    const claim = versionKey(name, generation);
    await documents.commit([], { name: claim, from: undefined, to: BigInt(version) });
    if ((await documents.checkpoint(claim)) !== BigInt(version)) continue;
    const build = buildOf(name, version, generation);
    await documents.ensure(specsOf(projection, build).map(([, spec]) => spec));
    await documents.commit([], { name: build.name, from: undefined, to: beforeLog });
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
    return buildOf(name, Number(version.slice(1)), Number(generation)).name;
  });
  for (const [build, collections] of builds) {
    if (build === undefined || build === live.name) continue;
    const generation = Number(build.split('.')[2]);
    const isLeftOver = generation < live.generation || !build.startsWith(`${projection}.v${live.version}.`);
    if (!isLeftOver) continue;
    // The checkpoint first: whoever still writes to the build is fenced before its collections are gone.
    await documents.dropCheckpoints([build, versionKey(projection, generation)]);
    await documents.drop(collections);
  }
};
