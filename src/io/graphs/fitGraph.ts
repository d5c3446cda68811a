/** What a graph becomes so that a format can hold it: renamed, simplified, sorted, each loss counted once. */
import { toHex, utf8 } from '../../base/bytes.ts';
import { packedShortChannelId, parseShortChannelId, shortChannelId, type ShortChannelId } from '../../base/ids.ts';
import { msat, satToMsat, type Msat, type Sat } from '../../base/units.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { newChannelGraph, type ChannelAttributes, type ChannelGraph, type Policy } from '../../graph/channelGraph.ts';
import { canonicalChannelId, isPublicKey, NAME_LENGTH_MAX } from './graphImport.ts';
import { isXmlText } from './xmlEvents.ts';

/** What a format can say. */
export interface Holds {
  /** `keys`: compressed public keys; `numbers`: 0, 1, …; `xml`: XML's characters; `lines`: no line breaks */
  readonly nodeNames: 'any' | 'keys' | 'numbers' | 'xml' | 'lines';
  /** `short`: short channel ids */
  readonly channelIds: 'short' | 'numbers' | 'xml' | 'lines';
  /** `padded`: no zero bytes at the end */
  readonly aliases: 'any' | 'xml' | 'padded' | 'none';
  /** whether nodes are listed for themselves; else a node without a channel is lost */
  readonly listsNodes: boolean;
  /** `kept`: null and disabled apart; `listed`: the same, but a channel without any policy is lost; `minimum`: neither */
  readonly unusable: 'kept' | 'listed' | 'minimum';
  readonly maximum: boolean;
  readonly balances: 'kept' | 'needed' | 'none';
  /** whether node1 is the one with the smaller name */
  readonly smallerFirst: boolean;
  /** whether channels come by rising id */
  readonly sorted: boolean;
}

/** What can be lost on the way into a format. */
// prettier-ignore
export const LOSSES = {
  nodeRenamed:    'node whose name the format cannot say: renamed',
  channelRenamed: 'channel whose id the format cannot say: renamed',
  alias:          'alias the format cannot say: left out or changed',
  loneNode:       'node without a channel: left out',
  silentChannel:  'channel without a policy in either direction: left out',
  unusable:       'direction disabled or never announced: written with a minimum that no HTLC reaches',
  maximum:        'HTLC maximum below the capacity: left out',
  balance:        'balances: left out',
  balanceUnknown: 'balances not known: half the capacity each',
} as const;

export type LossKind = keyof typeof LOSSES;

export interface FittedGraph {
  readonly graph: ChannelGraph;
  readonly losses: readonly { readonly kind: LossKind; readonly count: number }[];
}

/** The graph as the format can hold it, which is what reading gives back, and what that took. */
export function fitGraph(graph: ChannelGraph, holds: Holds): FittedGraph {
  const counts = new Map<LossKind, number>();
  const lose = (kind: LossKind): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const fitted = newChannelGraph();
  const names = nodeNames(graph, holds, lose);
  const aliasOf = (key: string): string => fitAlias(graph.getNodeAttribute(key, 'alias'), holds, lose);
  const addNode = (key: string): string => {
    const name = names.get(key)!;
    if (!fitted.hasNode(name)) fitted.addNode(name, { alias: aliasOf(key) });
    return name;
  };
  if (holds.listsNodes) for (const key of graph.nodes()) addNode(key);
  for (const [id, key] of channelIds(graph, holds, lose)) {
    const channel = graph.getEdgeAttributes(key);
    if (holds.unusable === 'listed' && channel.policy1 === null && channel.policy2 === null) {
      lose('silentChannel');
      continue;
    }
    const [key1, key2] = graph.extremities(key);
    const fit = fitChannel(channel, holds, lose);
    if (holds.smallerFirst && names.get(key2)! < names.get(key1)!) {
      const [node2, node1] = [addNode(key2), addNode(key1)];
      fitted.addUndirectedEdgeWithKey(id, node2, node1, turned(fit));
    } else {
      const [node1, node2] = [addNode(key1), addNode(key2)];
      fitted.addUndirectedEdgeWithKey(id, node1, node2, fit);
    }
  }
  for (let left = graph.order - fitted.order; left > 0; left--) lose('loneNode');
  const losses = (Object.keys(LOSSES) as LossKind[]).flatMap((kind) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [{ kind, count }];
  });
  return { graph: fitted, losses };
}

type Lose = (kind: LossKind) => void;

/** A name for each node; renamed ones keep off the others'. */
function nodeNames(graph: ChannelGraph, { nodeNames: kind }: Holds, lose: Lose): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  let next = 0;
  graph.forEachNode((key) => {
    const number = next++;
    let name = key;
    if (kind === 'numbers') name = String(number);
    else if (kind === 'keys' && !isPublicKey(key)) name = keyOf(key);
    else if (kind === 'xml' || kind === 'lines')
      name = fitText(key, kind, (text) => taken.has(text) || (text !== key && graph.hasNode(text)));
    if (name !== key) lose('nodeRenamed');
    taken.add(name);
    names.set(key, name);
  });
  return names;
}

/** In the form of a public key, of which nobody knows the private one. */
const keyOf = (name: string): string => `02${toHex(sha256(utf8(`leyden node ${name}`)))}`;

/** Characters that can't be said replaced, and a number behind it where the rest is taken. */
function fitText(text: string, kind: 'xml' | 'lines', isTaken: (text: string) => boolean): string {
  const fits = (each: string): boolean => (kind === 'xml' ? isXmlText(each) : !/[\r\n\p{Surrogate}]/u.test(each));
  if (fits(text) && !isTaken(text)) return text;
  const plain = Array.from(text, (char) => (fits(char) ? char : '?')).join('');
  let fitted = plain;
  for (let n = 2; isTaken(fitted); n++) fitted = `${plain.slice(0, NAME_LENGTH_MAX - 8)}~${n}`;
  return fitted;
}

/** Each channel's id with the one it had, in the order in which they are written. */
function channelIds(graph: ChannelGraph, holds: Holds, lose: Lose): (readonly [id: string, key: string])[] {
  const taken = new Set<string>();
  let next = 0;
  const ids = graph.mapEdges((key) => {
    let id = key;
    if (holds.channelIds === 'numbers') id = String(next++);
    else if (holds.channelIds === 'short') {
      id = parseShortChannelId(key) ?? '';
      // made up from block 0, where no channel ever was
      while (id === '' || taken.has(id)) id = shortChannelId(0, 1 + (next >> 16), next++ & 0xffff);
    } else {
      const isTaken = (text: string): boolean => taken.has(text) || (text !== key && graph.hasEdge(text));
      id = fitText(canonicalChannelId(key), holds.channelIds, isTaken);
    }
    if (id !== key) lose('channelRenamed');
    taken.add(id);
    return [id, key] as const;
  });
  if (!holds.sorted) return ids;
  const packed = new Map(ids.map(([id]) => [id, BigInt(packedShortChannelId(id as ShortChannelId))]));
  return ids.toSorted(([a], [b]) => (packed.get(a)! < packed.get(b)! ? -1 : 1));
}

function fitAlias(alias: string, { aliases }: Holds, lose: Lose): string {
  let fitted = alias;
  if (aliases === 'none') fitted = '';
  else if (aliases === 'padded') fitted = alias.replace(/\0+$/, '');
  else if (aliases === 'xml') fitted = fitText(alias, 'xml', () => false);
  if (fitted !== alias) lose('alias');
  return fitted;
}

function fitChannel(channel: ChannelAttributes, holds: Holds, lose: Lose): ChannelAttributes {
  const { capacitySat, balance1Msat } = channel;
  const fit = (policy: Policy | null): Policy | null => fitPolicy(policy, capacitySat, holds, lose);
  const fitted: ChannelAttributes = { capacitySat, policy1: fit(channel.policy1), policy2: fit(channel.policy2) };
  if (holds.balances === 'none') {
    if (balance1Msat !== undefined) lose('balance');
  } else if (balance1Msat !== undefined) fitted.balance1Msat = balance1Msat;
  else if (holds.balances === 'needed') {
    lose('balanceUnknown');
    fitted.balance1Msat = msat(Math.floor(satToMsat(capacitySat) / 2));
  }
  return fitted;
}

function fitPolicy(policy: Policy | null, capacitySat: Sat, holds: Holds, lose: Lose): Policy | null {
  const capacityMsat: Msat = satToMsat(capacitySat);
  let fitted = policy;
  if (holds.unusable === 'minimum' && (fitted === null || fitted.disabled)) {
    lose('unusable');
    const terms = fitted ?? { feeBaseMsat: msat(0), feeProportionalMillionths: 0, cltvExpiryDelta: 0 };
    fitted = { htlcMaximumMsat: capacityMsat, ...terms, htlcMinimumMsat: msat(capacityMsat + 1), disabled: true };
  }
  if (!holds.maximum && fitted !== null && fitted.htlcMaximumMsat !== capacityMsat) {
    lose('maximum');
    fitted = { ...fitted, htlcMaximumMsat: capacityMsat };
  }
  return fitted;
}

/** The channel seen from its other end. */
function turned({ capacitySat, policy1, policy2, balance1Msat }: ChannelAttributes): ChannelAttributes {
  const channel: ChannelAttributes = { capacitySat, policy1: policy2, policy2: policy1 };
  if (balance1Msat !== undefined) channel.balance1Msat = msat(satToMsat(capacitySat) - balance1Msat);
  return channel;
}
