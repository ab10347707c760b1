import { afterPrefix, foldedKey } from '../folding.ts';
import type { ModelReader } from '../model-reader.ts';
import type { ProfileQueries } from '../queries.ts';
import type { UserDocument } from './document.ts';

export const createProfileQueries = (profiles: ModelReader): ProfileQueries => {
  const userByUsername = async (username: string): Promise<UserDocument | undefined> => {
    const [user] = await profiles.find<UserDocument>('users', { index: 'byUsername', equal: [username], limit: 1 });
    return user;
  };

  const byUsername = (key: string, after: string | undefined, limit: number): Promise<readonly UserDocument[]> =>
    profiles.find('users', {
      index: 'byUsername',
      equal: [],
      ...(after === undefined ? { atLeast: [key] } : { greaterThan: [after] }),
      atMost: [afterPrefix(key)],
      limit,
    });

  /** Those whose username does not begin so as well. */
  const byDisplayName = async (
    key: string,
    after: UserDocument | undefined,
    limit: number,
  ): Promise<readonly UserDocument[]> => {
    const found: UserDocument[] = [];
    for (let last = after; found.length < limit;) {
      const chunk: readonly UserDocument[] = await profiles.find('users', {
        index: 'byDisplayName',
        equal: [],
        ...(last === undefined ? { atLeast: [key] } : { greaterThan: [last.displayNameKey, last.username] }),
        atMost: [afterPrefix(key)],
        limit,
      });
      found.push(...chunk.filter(({ username }) => !username.startsWith(key)));
      last = chunk.at(-1);
      if (chunk.length < limit) break;
    }
    return found.slice(0, limit);
  };

  return {
    user: (userId) => profiles.get('users', userId),
    async users(userIds) {
      return [...(await profiles.getMany<UserDocument>('users', userIds)).values()];
    },
    userByUsername,
    async usersByPrefix(prefix, after, limit) {
      const key = foldedKey(prefix);
      if (after !== undefined && !after.startsWith(key)) {
        return await byDisplayName(key, await userByUsername(after), limit);
      }
      const named = await byUsername(key, after, limit);
      if (named.length === limit) return named;
      return [...named, ...(await byDisplayName(key, undefined, limit - named.length))];
    },
  };
};
