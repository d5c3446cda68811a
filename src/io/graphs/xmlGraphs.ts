/**
 * GEXF 1.3 (gexf.net) and GraphML (graphml.graphdrawing.org), read and written: nodes with an alias, edges with the
 * attributes of `flatGraph.ts`. Graphs of other programs read too, with plain terms for what they don't say.
 */
import { UserError } from '../../base/errors.ts';
import { groupDigits } from '../../base/units.ts';
import type { ChannelGraph } from '../../graph/channelGraph.ts';
import { JsonFields } from '../jsonFields.ts';
import { detached } from '../textPieces.ts';
import { CHANNEL_FIELDS, FlatEdges, namedFields } from './flatGraph.ts';
import { GraphImport, NAME_LENGTH_MAX } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';
import { xmlEscaped, xmlEvents } from './xmlEvents.ts';

/**
 * A graph of any length is read as its text comes.
 * @throws UserError if the text is not XML of this shape, or no channel can be kept
 */
export const readGexf = (pieces: Iterable<string>, file: string): ImportedGraph =>
  new XmlGraphReader(file, 'gexf').read(pieces);

/** @throws UserError as `readGexf` */
export const readGraphml = (pieces: Iterable<string>, file: string): ImportedGraph =>
  new XmlGraphReader(file, 'graphml').read(pieces);

/** UTF-16 units of all attributes of an element, or of all declarations: hundreds in files that are known. */
const ATTRIBUTES_LENGTH_MAX = 1_000_000;

interface Element {
  readonly name: 'node' | 'edge';
  readonly attributes: ReadonlyMap<string, string>;
  readonly fields: BoundedMap;
  readonly line: number;
}

/** Texts by their names, not too long together. */
class BoundedMap extends Map<string, string> {
  #length = 0;

  /** @throws UserError if it is too much */
  put(name: string, value: string, file: string, line: number): void {
    this.#length += name.length + value.length;
    if (this.#length > ATTRIBUTES_LENGTH_MAX) throw tooLong(file, line);
    this.set(name, value);
  }
}

const tooLong = (file: string, line: number): UserError => {
  const found = `attributes of more than ${groupDigits(ATTRIBUTES_LENGTH_MAX)} characters`;
  return new UserError({ file, path: `line ${line}`, found, expected: 'shorter ones' });
};

class XmlGraphReader {
  readonly #file: string;
  readonly #format: 'gexf' | 'graphml';
  readonly #import: GraphImport;
  readonly #edges: FlatEdges;
  readonly #names: JsonFields;
  /** what attributes are called, by what they are declared as: `edge 0` */
  readonly #titles = new BoundedMap();

  constructor(file: string, format: 'gexf' | 'graphml') {
    this.#file = file;
    this.#format = format;
    this.#import = new GraphImport({ file, format, nodesByChannels: false, expectsKeys: false });
    this.#edges = new FlatEdges(this.#import, file);
    this.#names = new JsonFields(file);
  }

  read(pieces: Iterable<string>): ImportedGraph {
    const inside: Element[] = [];
    let declaring = '';
    let datum: { key: string; text: string } | null = null;
    let isRoot = true;
    for (const event of xmlEvents(pieces, this.#file)) {
      const { line } = event;
      if (event.kind === 'text') {
        if (datum === null) continue;
        datum.text += event.text;
        if (datum.text.length > ATTRIBUTES_LENGTH_MAX) throw tooLong(this.#file, line);
        continue;
      }
      const name = event.name.slice(event.name.indexOf(':') + 1);
      const element = inside.at(-1);
      if (event.kind === 'close') {
        if (name === 'data' && datum !== null) {
          if (element !== undefined) this.#setField(element, datum.key, datum.text, line);
          datum = null;
        } else if (element?.name === name) {
          inside.pop();
          if (name === 'edge') this.#takeEdge(element);
          else this.#setAlias(element);
        }
        continue;
      }
      if (isRoot && name !== this.#format) {
        const found = `<${name}>`;
        throw new UserError({ file: this.#file, path: `line ${line}`, found, expected: `<${this.#format}>` });
      }
      isRoot = false;
      const { attributes } = event;
      const of = (attribute: string): string => attributes.get(attribute) ?? '';
      if (name === 'attributes') declaring = of('class');
      else if (name === 'attribute') this.#declare(declaring, of('id'), of('title'), line);
      else if (name === 'key') this.#declare(of('for'), of('id'), of('attr.name'), line);
      else if (name === 'data') datum = { key: of('key'), text: '' };
      else if (name === 'attvalue') {
        if (element !== undefined) this.#setField(element, attributes.get('for') ?? of('id'), of('value'), line);
      } else if (name === 'node' || name === 'edge') {
        inside.push({ name, attributes, fields: new BoundedMap(), line });
        if (name === 'node') this.#takeNode(attributes, line);
      }
    }
    this.#edges.finish();
    return this.#import.finish();
  }

  #declare(of: string, id: string, title: string, line: number): void {
    this.#titles.put(detached(`${of} ${id}`), detached(title), this.#file, line);
    if (of === 'edge' || of === 'all') this.#edges.declare(title, () => `line ${line}`);
  }

  /** By the name of the attribute; without a declaration by its id. */
  #setField({ name, fields }: Element, id: string, value: string, line: number): void {
    const title = this.#titles.get(`${name} ${id}`) ?? this.#titles.get(`all ${id}`) ?? detached(id);
    fields.put(title, detached(value), this.#file, line);
  }

  #takeNode(attributes: ReadonlyMap<string, string>, line: number): void {
    const path = (): string => `line ${line}`;
    this.#import.addNode(this.#names.text(attributes.get('id'), NAME_LENGTH_MAX, path), '', path);
  }

  /** When the node's attributes are known. */
  #setAlias({ attributes, fields, line }: Element): void {
    const key = attributes.get('id') ?? '';
    const alias = fields.get('alias') ?? attributes.get('label') ?? '';
    this.#import.setAlias(key, alias, () => `line ${line}`);
  }

  #takeEdge({ attributes, fields, line }: Element): void {
    this.#edges.add({
      id: attributes.get('id') ?? null,
      node1: attributes.get('source') ?? '',
      node2: attributes.get('target') ?? '',
      fields,
      path: () => `line ${line}`,
    });
  }
}

/** Types of attributes: GEXF and GraphML call both the same. */
const typeOf = (field: string): string => (field.startsWith('disabled') ? 'boolean' : 'long');

/** The graph as GEXF 1.3; node labels are aliases. */
export function writeGexf(graph: ChannelGraph): string {
  const declared = CHANNEL_FIELDS.map((name, i) => `<attribute id="${i}" title="${name}" type="${typeOf(name)}"/>`);
  const nodes = graph.mapNodes((key, { alias }) => `<node id="${xmlEscaped(key)}" label="${xmlEscaped(alias)}"/>`);
  const edges = graph.mapEdges((id, channel, node1, node2) => {
    const values = namedFields(channel).map(
      ([name, value]) => `<attvalue for="${CHANNEL_FIELDS.indexOf(name)}" value="${value}"/>`,
    );
    const ends = `id="${xmlEscaped(id)}" source="${xmlEscaped(node1)}" target="${xmlEscaped(node2)}"`;
    return `<edge ${ends}><attvalues>${values.join('')}</attvalues></edge>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf xmlns="http://gexf.net/1.3" version="1.3">',
    '<graph defaultedgetype="undirected" mode="static">',
    '<attributes class="edge">',
    ...declared,
    '</attributes>',
    '<nodes>',
    ...nodes,
    '</nodes>',
    '<edges>',
    ...edges,
    '</edges>',
    '</graph>',
    '</gexf>\n',
  ].join('\n');
}

/** The graph as GraphML. */
export function writeGraphml(graph: ChannelGraph): string {
  const data = (key: string, value: string): string => `<data key="${key}">${xmlEscaped(value)}</data>`;
  const declared = CHANNEL_FIELDS.map(
    (name) => `<key id="${name}" for="edge" attr.name="${name}" attr.type="${typeOf(name)}"/>`,
  );
  const nodes = graph.mapNodes((key, { alias }) => `<node id="${xmlEscaped(key)}">${data('alias', alias)}</node>`);
  const edges = graph.mapEdges((id, channel, node1, node2) => {
    const values = namedFields(channel).map(([name, value]) => data(name, value));
    const ends = `id="${xmlEscaped(id)}" source="${xmlEscaped(node1)}" target="${xmlEscaped(node2)}"`;
    return `<edge ${ends}>${values.join('')}</edge>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    '<key id="alias" for="node" attr.name="alias" attr.type="string"/>',
    ...declared,
    '<graph edgedefault="undirected">',
    ...nodes,
    ...edges,
    '</graph>',
    '</graphml>\n',
  ].join('\n');
}
