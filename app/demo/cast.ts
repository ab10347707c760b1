/** Who takes part in the demo. */
export const people = [
  'Ada',
  'Bela',
  'Chidi',
  'Dana',
  'Emre',
  'Farah',
  'Gus',
  'Hana',
  'Ines',
  'Jonas',
  'Kaia',
  'Luca',
  'Mina',
  'Nils',
  'Oona',
  'Pavel',
  'Quinn',
  'Rosa',
  'Sami',
  'Tove',
  'Uma',
  'Viktor',
  'Wanda',
  'Xiu',
  'Yara',
  'Zeno',
  'Anouk',
  'Bram',
  'Carla',
  'Dimitri',
  'Elif',
  'Finn',
  'Greta',
  'Hugo',
  'Ivy',
  'Jules',
] as const;

/** Groups by name, each with the first and the last of its members in the cast. */
export const groups: readonly (readonly [name: string, from: number, to: number])[] = [
  ['Kitchen rota', 0, 7],
  ['Book club', 4, 15],
  ['Release night', 10, 24],
  ['Sunday hikers', 20, 35],
  ['Board games', 0, 19],
];

export const channels = ['general', 'gardening'] as const;

export const lines = [
  'Has anyone seen the blue ladder?',
  'I can bring bread tomorrow.',
  'The second chapter is the best one so far.',
  'Deploying now, please hold your merges.',
  'Done. All green. 🎉',
  'Who is in for a walk along the river?',
  'Let us say six o’clock, by the old bridge.',
  'I will be ten minutes late, start without me.',
  'That is exactly what I meant.',
  'No, the other one, with the red handle.',
  'Could you send me the notes from last week?',
  'The tomatoes are finally ripe 🍅',
  'I would rather play the long version.',
  'Agreed.',
  'Is the kettle broken again?',
  'Fixed it. It was the fuse.',
] as const;

export const emojis = ['👍', '❤️', '😂', '🎉', '👀', '🙏'] as const;
