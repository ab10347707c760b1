import type { Category } from './case.ts';

const by = { must: 'as it must', may: 'as it may', ours: 'our own' } as const;

/** The tables of docs/websocket-conformance.md, as Markdown. */
export const tableOf = (categories: readonly Category[]): string =>
  categories
    .map(({ title, cases }) => {
      const rows = cases.map((each) => `| ${each.section} | ${each.given} | ${each.does} | ${by[each.by]} |`);
      return [`## ${title}`, '| section | given | then | |', '| --- | --- | --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
