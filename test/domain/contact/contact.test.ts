import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContactCommand } from '../../../domain/contact/commands.ts';
import { contact } from '../../../domain/contact/decider.ts';
import type { ContactEvent } from '../../../domain/contact/events.ts';
import { fold, type Context } from '../../../domain/decider.ts';
import { DomainError } from '../../../domain/errors.ts';
import { scenario } from '../../dsl/given.ts';

const { given } = scenario(contact);
const [ann, bob] = ['019b0000-0000-4000-8000-000000000001', '019b0000-0000-4000-8000-000000000002'];
const at = '2026-01-01T00:00:00.000Z';

const other = (who: string): string => (who === ann ? bob : ann);
const event = (type: ContactEvent['type'], by: string): ContactEvent => ({ type, data: { by, other: other(by), at } });
const as = (actorId: string): Context => ({ actorId, at });
const command = (type: ContactCommand['type'], by: string): ContactCommand => ({ type, data: { other: other(by) } });

const requested = event('ContactRequested', ann);
const accepted = event('ContactAccepted', bob);

describe('two users', () => {
  it('become contacts when one requests and the other accepts', () => {
    given().when(command('PutContact', ann), as(ann)).thenEvents(requested);
    given(requested).when(command('PutContact', bob), as(bob)).thenEvents(accepted);
    expect(fold(contact, [requested, accepted]).contact).toEqual({ state: 'accepted', since: at });
  });

  it('say nothing twice', () => {
    given(requested).when(command('PutContact', ann), as(ann)).thenNothing();
    given(requested, accepted).when(command('PutContact', ann), as(ann)).thenNothing();
    given(requested, accepted).when(command('PutContact', bob), as(bob)).thenNothing();
    given(event('UserBlocked', ann)).when(command('BlockUser', ann), as(ann)).thenNothing();
    given().when(command('UnblockUser', ann), as(ann)).thenNothing();
    given().when(command('RemoveContact', ann), as(ann)).thenNothing();
  });

  it('end a contact or a request for both, whoever of them asks', () => {
    for (const by of [ann, bob]) {
      for (const history of [[requested], [requested, accepted]]) {
        const removed = event('ContactRemoved', by);
        given(...history)
          .when(command('RemoveContact', by), as(by))
          .thenEvents(removed);
        given(...history, removed)
          .when(command('RemoveContact', other(by)), as(other(by)))
          .thenNothing();
        given(...history, removed)
          .when(command('PutContact', bob), as(bob))
          .thenEvents(event('ContactRequested', bob));
      }
    }
  });

  it('can neither request nor accept while one of them blocks the other', () => {
    for (const blocker of [ann, bob]) {
      const blocked = event('UserBlocked', blocker);
      given(blocked).when(command('PutContact', ann), as(ann)).thenRefused('contact/blocked');
      given(requested, blocked).when(command('PutContact', bob), as(bob)).thenRefused('contact/blocked');
      given(requested, blocked).when(command('PutContact', ann), as(ann)).thenNothing();
      given(requested, accepted, blocked).when(command('PutContact', bob), as(bob)).thenNothing();
    }
  });

  it('can each lift their own block only', () => {
    const blocks = [event('UserBlocked', ann), event('UserBlocked', bob)];
    given(...blocks)
      .when(command('UnblockUser', ann), as(ann))
      .thenEvents(event('UserUnblocked', ann));
    given(...blocks, event('UserUnblocked', ann))
      .when(command('UnblockUser', ann), as(ann))
      .thenNothing();
    given(...blocks, event('UserUnblocked', ann))
      .when(command('PutContact', ann), as(ann))
      .thenRefused('contact/blocked');
    expect(fold(contact, [...blocks, event('UserUnblocked', ann)]).blockedBy).toEqual([bob]);
  });

  it('cannot be one and the same', () => {
    for (const type of ['PutContact', 'RemoveContact', 'BlockUser', 'UnblockUser'] as const) {
      given()
        .when({ type, data: { other: ann } }, as(ann))
        .thenRefused('request/invalid');
    }
  });

  it('change nothing by repeating the last command, whatever came before', () => {
    const anyCommand = fc.record({
      type: fc.constantFrom('PutContact', 'RemoveContact', 'BlockUser', 'UnblockUser' as const),
      by: fc.constantFrom(ann, bob),
    });
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 20 }), (commands) => {
        let state = contact.initialState;
        for (const { type, by } of commands) {
          try {
            for (const one of contact.decide(command(type, by), state, as(by))) state = contact.evolve(state, one);
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError);
            continue;
          }
          expect(contact.decide(command(type, by), state, as(by))).toEqual([]);
        }
      }),
    );
  });
});
