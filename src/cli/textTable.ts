/** Tables in a terminal: columns as wide as their widest cell. */

export type Alignment = 'left' | 'right';

/**
 * Rows in columns, two spaces between them, without trailing spaces.
 * @param alignments of the first columns; the rest go to the right
 * @param indent before each row
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  indent = '',
): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return (alignments[column] ?? 'right') === 'left' ? cell.padEnd(width) : cell.padStart(width);
      });
      return `${indent}${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}
