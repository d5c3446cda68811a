/**
 * GEXF 1.3 (gexf.net) and GraphML (graphml.graphdrawing.org), read and written: nodes with an alias, edges with the
 * attributes of `flatGraph.ts`. Graphs of other programs read too, with plain terms for what they don't say.
 */
import { UserError } from '../../base/errors.ts';
import type { ChannelGraph } from '../../graph/channelGraph.ts';
import { JsonFields } from '../jsonFields.ts';
import { CHANNEL_FIELDS, FlatEdges, namedFields, type FlatEdge } from './flatGraph.ts';
import { GraphImport, NAME_LENGTH_MAX } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';
import { xmlEscaped, xmlEvents, xmlLine, type XmlEvent } from './xmlEvents.ts';

/** @throws UserError if the text is not XML of this shape, or no channel can be kept */
export const readGexf = (text: string, file: string): ImportedGraph => new XmlGraphReader(text, file, 'gexf').read();

/** @throws UserError as `readGexf` */
export const readGraphml = (text: string, file: string): ImportedGraph =>
  new XmlGraphReader(text, file, 'graphml').read();

interface Element {
  readonly name: 'node' | 'edge';
  readonly attributes: ReadonlyMap<string, string>;
  readonly fields: Map<string, string>;
  readonly offset: number;
}

class XmlGraphReader {
  readonly #text: string;
  readonly #file: string;
  readonly #format: 'gexf' | 'graphml';
  readonly #import: GraphImport;
  /** what attributes are called, by what they are declared as: `edge 0` */
  readonly #titles = new Map<string, string>();
  readonly #edges: FlatEdge[] = [];

  constructor(text: string, file: string, format: 'gexf' | 'graphml') {
    this.#text = text;
    this.#file = file;
    this.#format = format;
    this.#import = new GraphImport({ file, format, nodesByChannels: false, expectsKeys: false });
  }

  read(): ImportedGraph {
    const inside: Element[] = [];
    let declaring = '';
    let datum: { key: string; text: string } | null = null;
    let isRoot = true;
    for (const event of xmlEvents(this.#text, this.#file)) {
      if (event.kind === 'text') {
        if (datum !== null) datum.text += event.text;
        continue;
      }
      const name = event.name.slice(event.name.indexOf(':') + 1);
      if (event.kind === 'close') {
        const element = inside.at(-1);
        if (name === 'data' && datum !== null) {
          if (element !== undefined) element.fields.set(this.#title(element.name, datum.key), datum.text);
          datum = null;
        } else if (element?.name === name) {
          inside.pop();
          if (name === 'edge') this.#takeEdge(element);
          else this.#setAlias(element);
        }
        continue;
      }
      if (isRoot && name !== this.#format) {
        throw new UserError({
          file: this.#file,
          path: this.#place(event),
          found: `<${name}>`,
          expected: `<${this.#format}>`,
        });
      }
      isRoot = false;
      const of = (attribute: string): string => event.attributes.get(attribute) ?? '';
      if (name === 'attributes') declaring = of('class');
      else if (name === 'attribute') this.#titles.set(`${declaring} ${of('id')}`, of('title'));
      else if (name === 'key') this.#titles.set(`${of('for')} ${of('id')}`, of('attr.name'));
      else if (name === 'data') datum = { key: of('key'), text: '' };
      else if (name === 'attvalue') {
        const element = inside.at(-1);
        element?.fields.set(this.#title(element.name, event.attributes.get('for') ?? of('id')), of('value'));
      } else if (name === 'node' || name === 'edge') {
        const element = {
          name,
          attributes: event.attributes,
          fields: new Map<string, string>(),
          offset: event.offset,
        } as const;
        inside.push(element);
        if (name === 'node') this.#takeNode(element, event);
      }
    }
    this.#takeEdges();
    return this.#import.finish();
  }

  /** The name of an attribute; without a declaration its id. */
  #title(of: string, id: string): string {
    return this.#titles.get(`${of} ${id}`) ?? this.#titles.get(`all ${id}`) ?? id;
  }

  #takeNode({ attributes }: Element, event: XmlEvent): void {
    const path = (): string => this.#place(event);
    const key = new JsonFields(this.#file).text(attributes.get('id'), NAME_LENGTH_MAX, path);
    this.#import.addNode(key, '', path);
  }

  /** When the node's attributes are known. */
  #setAlias({ attributes, fields, offset }: Element): void {
    const key = attributes.get('id') ?? '';
    const alias = fields.get('alias') ?? attributes.get('label') ?? '';
    this.#import.setAlias(key, alias, () => `line ${xmlLine(this.#text, offset)}`);
  }

  #takeEdge({ attributes, fields, offset }: Element): void {
    this.#edges.push({
      id: attributes.get('id') ?? null,
      node1: attributes.get('source') ?? '',
      node2: attributes.get('target') ?? '',
      fields,
      path: () => `line ${xmlLine(this.#text, offset)}`,
    });
  }

  /** Edges come after all nodes, whatever the order of the file. */
  #takeEdges(): void {
    const declared = [...this.#titles].filter(([key]) => /^(edge|all) /.test(key)).map(([, title]) => title);
    const edges = new FlatEdges(this.#import, this.#file, declared);
    for (const edge of this.#edges) edges.add(edge);
  }

  #place({ offset }: XmlEvent): string {
    return `line ${xmlLine(this.#text, offset)}`;
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
