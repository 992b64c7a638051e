import { generate } from "lean-qr";

/** Modules of light around the code, without which cameras do not find it (ISO/IEC 18004 §6.3.8). */
const QUIET = 4;

/** A QR code: dark on light whatever the theme is, as cameras expect it. */
export function QrCode({ label, value }: { label: string; value: string }) {
  const code = generate(value);
  const size = code.size + 2 * QUIET;
  const dark: string[] = [];
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) dark.push(`M${x + QUIET} ${y + QUIET}h1v1h-1z`);
  }
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="w-full max-w-56 justify-self-center rounded-md"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
