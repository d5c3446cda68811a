/** The picture's style sheet. */
import { MARK_STYLE } from './marks.ts';

/** Light by default, dark where the reader's system is. */
export const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f; }
.page { fill: #ffffff; }
.title { font-size: 16px; font-weight: 600; }
.note, .axis, .count { fill: #57606a; }
.end, .count { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: #e3e6ea; fill: none; }
.tick { stroke: #8c959f; }
.frame { stroke: #d0d7de; fill: none; }
.outer { fill: #d5dae1; }
.inner { fill: #a9b4c2; }
.median { stroke: #4b5663; stroke-width: 1.5; fill: none; }
.wait { stroke-width: 2; fill: none; opacity: 0.45; }
.mark { stroke: #ffffff; stroke-width: 0.75; }
${MARK_STYLE.light}
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.page { fill: #14181d; }
.note, .axis, .count { fill: #9aa5b1; }
.grid { stroke: #262d35; }
.tick { stroke: #6e7985; }
.frame { stroke: #39424d; }
.outer { fill: #2b343f; }
.inner { fill: #475361; }
.median { stroke: #b6c2cf; }
.mark { stroke: #14181d; }
${MARK_STYLE.dark}
}
`;
