/** A line of a plot. */
interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

interface Panel {
  title: string;
  lines: readonly Line[];
}

const [WIDTH, HEIGHT, GAP] = [300, 190, 70];
const MARGIN = { left: 52, top: 44, bottom: 86 };
/** Names in a row of a legend. */
const NAMES = 3;
/** Readable on both backgrounds. */
const COLOURS = ["#2f81f7", "#d97706", "#2da44e", "#bf5af2", "#d1477a", "#8c959f"];

/** Panels side by side with a common horizontal axis, as SVG for light and dark pages. */
export function plot(title: string, unit: string, panels: readonly Panel[]): string {
  const width = MARGIN.left + panels.length * (WIDTH + GAP);
  const height = MARGIN.top + HEIGHT + MARGIN.bottom;
  const body = panels.map((panel, index) => {
    const left = MARGIN.left + index * (WIDTH + GAP);
    return `<g transform="translate(${left} ${MARGIN.top})">\n${panelBody(panel, unit)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeText(title)}</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: 600; fill: #24292f; }
.axis { stroke: #8c959f; fill: none; }
.grid { stroke: #8c959f; opacity: 0.25; }
.line { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #9198a1; } .title { fill: #e6edf3; } }
</style>
${body.join("\n")}
</svg>
`;
}

function panelBody({ title, lines }: Panel, unit: string): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const ticks = niceTicks(Math.max(0, ...lines.flatMap(({ points }) => points.map(([, y]) => y))));
  const top = ticks.at(-1) ?? 1;
  const [low, high] = [Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 1)];
  const toX = (x: number) => round(high === low ? WIDTH / 2 : ((Math.log(x) - low) / (high - low)) * WIDTH);
  const toY = (y: number) => round(HEIGHT - (y / top) * HEIGHT);
  return [
    `<text class="title" y="-22">${escapeText(title)}</text>`,
    ...ticks.flatMap((tick) => [
      `<line class="grid" x1="0" x2="${WIDTH}" y1="${toY(tick)}" y2="${toY(tick)}"/>`,
      `<text x="-8" y="${toY(tick) + 4}" text-anchor="end">${shortNumber(tick)}</text>`,
    ]),
    `<path class="axis" d="M0 0V${HEIGHT}H${WIDTH}"/>`,
    ...xs.map((x) => `<text x="${toX(x)}" y="${HEIGHT + 18}" text-anchor="middle">${shortNumber(x)}</text>`),
    `<text x="${WIDTH}" y="${HEIGHT + 36}" text-anchor="end">${escapeText(unit)}</text>`,
    ...lines.flatMap(({ name, points }, index) => {
      const colour = COLOURS[index % COLOURS.length];
      const at = points.map(([x, y]) => [toX(x), toY(y)] as const);
      const column = round((index % NAMES) * (WIDTH / NAMES));
      const row = HEIGHT + 44 + Math.floor(index / NAMES) * 18;
      return [
        `<polyline class="line" stroke="${colour}" points="${at.map((point) => point.join(",")).join(" ")}"/>`,
        ...at.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
        `<rect x="${column}" y="${row}" width="10" height="10" fill="${colour}"/>`,
        `<text x="${column + 14}" y="${row + 9}">${escapeText(name)}</text>`,
      ];
    }),
  ].join("\n");
}

/** From 0 to at least `most`, in steps of 1, 2 or 5 times a power of ten. */
function niceTicks(max: number): number[] {
  if (max <= 0) return [0, 1];
  const rough = max / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}

function shortNumber(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
