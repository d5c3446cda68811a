/** What `leyden convert` does and prints: two reports, of what reading repaired and of what writing lost. */
import { printable } from '../base/errors.ts';
import { groupDigits } from '../base/units.ts';
import { readGraphFile } from '../host/graphFile.ts';
import { checkGraphOut, outFormat, writeGraphFile } from '../host/graphOutFile.ts';
import { LOSSES } from '../io/graphs/fitGraph.ts';
import { countedLines, formatImportReport } from '../io/graphs/graphReport.ts';

export interface ConvertCommandOptions {
  /** the format to write; else the ending of the path says it */
  readonly to?: string;
  /** one JSON object in place of lines */
  readonly json?: boolean;
}

/** @throws UserError if a path or a format is wrong, the input is not a graph, or the output can't be written */
export function runConvertCommand(from: string, out: string, options: ConvertCommandOptions = {}): string {
  const format = outFormat(out, options.to);
  checkGraphOut(out, format, [from]);
  const { graph, report } = readGraphFile(from);
  const { graph: written, losses } = writeGraphFile(graph, out, format);
  if (options.json) {
    const output = { file: out, format, nodes: written.order, channels: written.size };
    const withMeanings = losses.map((loss) => ({ ...loss, means: LOSSES[loss.kind] }));
    return JSON.stringify({ report, written: { ...output, losses: withMeanings } });
  }
  const counts = `${groupDigits(written.order)} nodes, ${groupDigits(written.size)} channels`;
  return [
    formatImportReport(report),
    `Wrote ${printable(out, 200)} (${format}): ${counts}`,
    ...countedLines(losses.map(({ kind, count }) => ({ count, text: LOSSES[kind] }))),
  ].join('\n');
}
