interface Link {
  readonly from: string;
  readonly status: number;
  readonly to: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the answer of one operation is good for in another one. */
export const links: readonly Link[] = [
  { from: 'register', status: 201, to: 'getUser', parameters: { userId: '$response.body#/userId' } },
  { from: 'register', status: 201, to: 'putContact', parameters: { userId: '$response.body#/userId' } },
  { from: 'register', status: 201, to: 'putBlock', parameters: { userId: '$response.body#/userId' } },
  { from: 'putContact', status: 201, to: 'removeContact', parameters: { userId: '$response.body#/userId' } },
  { from: 'putBlock', status: 201, to: 'removeBlock', parameters: { userId: '$response.body#/userId' } },
];
