import { describe, expect, test } from 'vitest';
import {
  anchorScript,
  fundingScript,
  offeredHtlcScript,
  receivedHtlcScript,
  toLocalScript,
  toRemoteAnchoredScript,
} from '../../src/channel/scripts.ts';
import { recogniseKinds } from '../../src/io/transactionKinds.ts';
import { channelSpend } from '../../src/io/channelScripts.ts';
import { keyOf, tag } from '../chain/wallet.ts';
import { runSmall } from '../sim/smallWorld.ts';
import { channelLives, FORMATS } from './channelLives.ts';

describe('the scripts of BOLT 3', () => {
  const [alice, bob, carol] = [keyOf('alice').publicKey, keyOf('bob').publicKey, keyOf('carol').publicKey];
  const keys = { revocation: alice, localHtlc: bob, remoteHtlc: carol };
  const [empty, one] = [new Uint8Array(0), Uint8Array.of(1)];
  const signature = new Uint8Array(72);
  const preimage = tag('preimage');
  const offered = (anchors: boolean): Uint8Array => offeredHtlcScript(keys, tag('hash'), anchors);
  const received = (anchors: boolean, expiry = 500): Uint8Array =>
    receivedHtlcScript(keys, tag('hash'), expiry, anchors);

  // prettier-ignore
  const WAYS: readonly (readonly [string, readonly Uint8Array[], string | null])[] = [
    ['funding',              [empty, signature, signature, fundingScript(alice, bob)],     'funding'],
    ['to_local, delayed',    [signature, empty, toLocalScript(alice, 144, bob)],           'delayed'],
    ['to_local, short',      [signature, empty, toLocalScript(alice, 1, bob)],             'delayed'],
    ['to_local, revoked',    [signature, one, toLocalScript(alice, 2016, bob)],            'revocation'],
    ['to_remote',            [signature, toRemoteAnchoredScript(alice)],                   'to-remote'],
    ['anchor',               [signature, anchorScript(alice)],                             'anchor'],
    ['anchor, anyone',       [empty, anchorScript(alice)],                                 'anchor'],
    ['offered, timeout',     [empty, signature, signature, empty, offered(true)],          'htlc-timeout'],
    ['offered, preimage',    [signature, preimage, offered(false)],                        'htlc-preimage'],
    ['offered, revoked',     [signature, alice, offered(true)],                            'revocation'],
    ['received, success',    [empty, signature, signature, preimage, received(true)],      'htlc-success'],
    ['received, expiry',     [signature, empty, received(false)],                          'htlc-expiry'],
    ['received, far expiry', [signature, empty, received(true, 0x01000000)],               'htlc-expiry'],
    ['received, revoked',    [signature, alice, received(false)],                          'revocation'],
    ['P2WPKH',               [signature, alice],                                           null],
    ['nothing',              [],                                                           null],
    ['a funding cut short',  [empty, signature, signature, fundingScript(alice, bob).slice(0, -1)], null],
    ['another script',       [signature, toLocalScript(alice, 144, bob).with(0, 0x64)],    null],
  ];
  for (const [name, witness, expected] of WAYS) {
    test(`${name}: ${expected ?? 'no channel’s'}`, () => expect(channelSpend(witness)).toBe(expected));
  }
});

describe('a chain of a run', () => {
  test('shows splices, in and out', () => {
    const { world } = runSmall({
      topology: { generate: 'line', nodes: 3 },
      channels: { liquidity: 'balanced' },
      traffic: { payments: 0 },
      splices: [
        { channel: '#0', at: 10, by: 'node1', addSat: 1_000_000 },
        { channel: '#0', at: '3h', by: 'node2', removeSat: 500_000 },
        { channel: '#1', at: 10, by: 'node2', removeSat: 500_000 },
      ],
      closures: [{ channel: '#1', at: '4h', kind: 'unilateral' }],
    });
    const recognised = recogniseKinds(world.chain);
    expect(world.transactions.filter(({ kind }) => kind === 'splice')).toHaveLength(3);
    expect(world.transactions.filter(({ txid, kind }) => recognised.get(txid) !== kind)).toEqual([]);
  });

  for (const format of FORMATS) {
    test(`shows a stranger what its transactions are for (${format})`, () => {
      const { world } = channelLives(format);
      const recognised = recogniseKinds(world.chain);
      const differing = world.transactions.filter(({ txid, kind }) => recognised.get(txid) !== kind);
      // the one theft that nobody punished looks like any other forced close
      expect(differing.map(({ kind, txid }) => `${kind} as ${recognised.get(txid)}`)).toEqual([
        'revoked-commitment as commitment',
      ]);
      expect(recognised.size).toBe(world.transactions.length);
    });
  }

  test('keeps open channels to itself: their fundings are payments to a script hash', () => {
    const { world } = runSmall({ topology: { generate: 'line', nodes: 4 }, traffic: { payments: 5 }, settle: 'none' });
    const kinds = recogniseKinds(world.chain);
    const fundings = world.transactions.filter(({ kind }) => kind === 'funding');
    expect(fundings.map(({ txid }) => kinds.get(txid))).toEqual(Array.from({ length: 3 }, () => 'unspent-script-hash'));
  });
});
