/** Icons of one hand: 20 by 20, strokes of 1.6. They never stand alone without a name beside them or on the button. */
const strokes = {
  add: "M10 4v12M4 10h12",
  back: "M12.5 4.5 7 10l5.5 5.5",
  check: "m4 10.5 4 4 8-9",
  close: "m5 5 10 10M15 5 5 15",
  copy: "M7 7h9v9H7zM13 4H4v9",
  down: "m5 8 5 5 5-5",
  download: "M10 3v10m-4-4 4 4 4-4M4 16.5h12",
  external: "M8 4H4v12h12v-4M11 4h5v5M16 4l-7 7",
  more: "M10 4.5v.1M10 10v.1M10 15.5v.1",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11M13 13l4 4",
  upload: "M10 13V3M6 7l4-4 4 4M4 16.5h12",
  warning: "M10 3 2.5 16.5h15zM10 8v4M10 14.2v.1",
};

export type IconName = keyof typeof strokes;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      // Back is the other way where one reads from right to left.
      className={`size-5 shrink-0 ${name === "back" ? "rtl:-scale-x-100" : ""} ${className}`}
    >
      <path d={strokes[name]} />
    </svg>
  );
}
