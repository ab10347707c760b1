import { Uuid, type UserId } from '../domain/ids.ts';
import type { ReadModels } from '../projections/queries.ts';

/** The user that a client names: `me`, an id, or a username with or without `@`. */
export const userNamed = async (
  { profiles }: Pick<ReadModels, 'profiles'>,
  callerId: UserId,
  name: string,
): Promise<UserId | undefined> => {
  if (name === 'me') return callerId;
  if (Uuid.safeParse(name).success) return name;
  return (await profiles.userByUsername(name.replace(/^@/, '').toLowerCase()))?.userId;
};

/** Those of them that there are. */
export const usersNamed = async (
  reads: Pick<ReadModels, 'profiles'>,
  callerId: UserId,
  names: readonly string[],
): Promise<readonly UserId[]> => {
  const found = await Promise.all(names.map((name) => userNamed(reads, callerId, name)));
  return found.filter((userId) => userId !== undefined);
};
