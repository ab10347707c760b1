/** One side of a contact. Collection `contacts`, id `<userId>/<otherId>`. */
export interface ContactDocument {
  readonly userId: string;
  readonly otherId: string;
  readonly state: 'requested' | 'incoming' | 'accepted';
  readonly since: string;
}

/** `userId` has blocked `otherId`. Collection `blocks`, id `<userId>/<otherId>`. */
export interface BlockDocument {
  readonly userId: string;
  readonly otherId: string;
  readonly createdAt: string;
}
