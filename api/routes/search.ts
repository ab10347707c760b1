import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { pageOf } from '../../schemas/common.ts';
import { Conversation } from '../../schemas/conversation.ts';
import { FoundMessages, MessageSearch, NameSearch } from '../../schemas/search.ts';
import { User } from '../../schemas/user.ts';
import type { SearchService } from '../../services/search.ts';
import { problems } from '../problems.ts';
import { waitBeforeReads } from './params.ts';

export interface SearchRoutesOptions {
  readonly search: SearchService;
}

const tags = ['search'];

const aboutMessages = `\`q\` has words, of which all must occur, and operators. \`"quoted words"\` are looked for in this order,
\`-word\` must not occur, \`word*\` only begins so, and so does the last word unless a space follows it. Case, accents and
width make no difference, but what is written exactly so comes first. Operators are \`from:\` (a username or \`me\`), \`in:\`
(a conversation by name or id, \`@username\` for a direct one), \`mentions:\`, \`before:\` and \`after:\` (a year, month, day
in UTC or a time; the day itself is in neither), \`has:link|attachment|reaction\` and \`is:pinned|thread\`; \`-\` turns all but
the two times round. The parameters of the same names mean the same and may be repeated. Channels that the caller has not
joined are searched where \`in\` names them, or all with \`channels=open\`. Without \`sort\`: by relevance where there are
words, else the newest first.`;

const aboutNames =
  'By the beginning of every word of the name, whatever its case and accents, with one mistake allowed in each word of four letters or more.';

/** Search. */
export const searchRoutes: FastifyPluginAsyncZod<SearchRoutesOptions> = async (app, { search }) => {
  waitBeforeReads(app, search);

  app.get(
    '/search/messages',
    {
      schema: {
        operationId: 'searchMessages',
        summary: 'Search in the messages that the caller can see',
        description: aboutMessages,
        tags,
        querystring: MessageSearch,
        response: { 200: FoundMessages, ...problems('search/empty', 'search/invalid-operator', 'search/too-complex') },
      },
    },
    async ({ caller, query }) => search.messages(caller, query),
  );

  app.get(
    '/search/users',
    {
      schema: {
        operationId: 'searchUsers',
        summary: 'Search for users by name',
        description: aboutNames,
        tags,
        querystring: NameSearch,
        response: { 200: pageOf(User), ...problems('search/empty') },
      },
    },
    async ({ query }) => {
      const { items, next } = await search.users(query);
      return { items: [...items], next };
    },
  );

  app.get(
    '/search/conversations',
    {
      schema: {
        operationId: 'searchConversations',
        summary: "Search for the caller's conversations by name, direct ones by the other's",
        description: aboutNames,
        tags,
        querystring: NameSearch,
        response: { 200: pageOf(Conversation), ...problems('search/empty') },
      },
    },
    async ({ caller, query }) => {
      const { items, next } = await search.conversations(caller, query);
      return { items: [...items], next };
    },
  );

  app.get(
    '/search/channels',
    {
      schema: {
        operationId: 'searchChannels',
        summary: 'Search for open channels by name',
        description: aboutNames,
        tags,
        querystring: NameSearch,
        response: { 200: pageOf(Conversation), ...problems('search/empty') },
      },
    },
    async ({ caller, query }) => {
      const { items, next } = await search.channels(caller, query);
      return { items: [...items], next };
    },
  );
};
