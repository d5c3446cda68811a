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
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))));
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => {
        const blank = ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
        return (alignments[column] ?? 'right') === 'left' ? cell + blank : blank + cell;
      });
      return `${indent}${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}

/** Joins the character before it, or shows nothing. */
const NO_COLUMN = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Wide in the sense of Unicode's Annex 11, as far as names of nodes have it: emoji, Chinese, Japanese, Korean, full width. */
const TWO_COLUMNS =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60]$/u;

/** Columns that a text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += char < '\u0300' ? 1 : NO_COLUMN.test(char) ? 0 : TWO_COLUMNS.test(char) ? 2 : 1;
  return width;
}
