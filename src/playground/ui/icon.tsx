import "./icon.css";

/** SVG paths in a square of 16 × 16 units. */
const paths = {
  file: "M4 1.75h5L12.25 5v9.25H4zM9 1.75V5h3.25",
  folder: "M1.75 13V3.25h4l1.5 2h7V13z",
  "folder-open": "M1.75 13V3.25h4l1.5 2h6v2M1.75 13l2-5.75h11L13 13z",
  link: "M6.5 9.5l3-3M7 4.75l1.6-1.6a2.6 2.6 0 0 1 3.7 3.7L10.75 8.4M9 11.25l-1.6 1.6a2.6 2.6 0 0 1-3.7-3.7L5.25 7.6",
  layers: "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  check: "M3 8.5L6.5 12 13 4.5",
  chevron: "M6 3.5L10.5 8 6 12.5",
  play: "M4.5 2.75v10.5l8.5-5.25z",
  stop: "M4 4h8v8H4z",
  copy: "M5.5 5.5V2.25h8.25v8.25H10.5M2.25 5.5h8.25v8.25H2.25z",
  download: "M8 2v8.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
  upload: "M8 10.5V2M4.5 5.5L8 2l3.5 3.5M2.5 13.5h11",
  share:
    "M4 9.5a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5zM12 5a1.75 1.75 0 1 0 0-3.5A1.75 1.75 0 0 0 12 5zM12 14.5a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5zM5.6 6.9l4.8-2.8M5.6 8.6l4.8 3.3",
  trash: "M2.5 4h11M6 4V2.25h4V4M4 4l.75 9.75h6.5L12 4M6.75 6.75v4.25M9.25 6.75v4.25",
  edit: "M3 13l.75-3.25L10.5 3 13 5.5l-6.75 6.75zM9 4.5L11.5 7",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.25 10.25L14 14",
  language:
    "M8 14.25A6.25 6.25 0 1 0 8 1.75a6.25 6.25 0 0 0 0 12.5zM1.75 8h12.5M8 1.75c-4 4-4 8.5 0 12.5M8 1.75c4 4 4 8.5 0 12.5",
  theme: "M8 14.25A6.25 6.25 0 1 0 8 1.75a6.25 6.25 0 0 0 0 12.5zM8 1.75v12.5M10.5 2.5v11M12.75 4v8",
  question:
    "M8 14.25A6.25 6.25 0 1 0 8 1.75a6.25 6.25 0 0 0 0 12.5zM6 6.25a2 2 0 1 1 2.75 1.9c-.5.2-.75.5-.75 1.1M8 11.5v.25",
  warning: "M8 2l6.5 11.75h-13zM8 6.5v3.5M8 11.75V12",
  error: "M8 14.25A6.25 6.25 0 1 0 8 1.75a6.25 6.25 0 0 0 0 12.5zM5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5",
  info: "M8 14.25A6.25 6.25 0 1 0 8 1.75a6.25 6.25 0 0 0 0 12.5zM8 7.25v4M8 4.75V5",
  clock: "M8 14.25A6.25 6.25 0 1 0 8 1.75a6.25 6.25 0 0 0 0 12.5zM8 4.25V8l2.5 1.75",
  compare: "M2 5h11.5M10.5 2l3 3-3 3M14 11H2.5M5.5 8l-3 3 3 3",
  up: "M8 13.5v-11M3.5 7L8 2.5 12.5 7",
  down: "M8 2.5v11M3.5 9L8 13.5 12.5 9",
  refresh: "M13.25 8a5.25 5.25 0 1 1-1.6-3.8M13.5 1.75v3h-3",
  more: "M3.25 8h.01M8 8h.01M12.75 8h.01",
} as const;

export type IconName = keyof typeof paths;

/** An icon beside a text, or in a control that has a label. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** The logo of varve: layers of sediment. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M1 2.5h14v1H1zM1 5h14v2.5H1zM1 9h14v.75H1zM1 11.5h14v3H1z" />
    </svg>
  );
}
