/** Ages as kubectl shows them: two or three significant figures, coarser the longer ago. */

const minuteS = 60;
const hourS = 60 * minuteS;
const dayS = 24 * hourS;
const yearS = 365 * dayS;

/** `<unknown>` without a time, `<invalid>` for what is no time or lies ahead. */
export function ageOf(timestamp: unknown, nowMs: number): string {
  if (timestamp === undefined || timestamp === null || timestamp === '') return '<unknown>';
  const thenMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(thenMs) ? '<invalid>' : humanDuration(nowMs - thenMs);
}

export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1_000);
  if (seconds < -1) return '<invalid>'; // a second of clock difference is forgiven
  if (seconds < 0) return '0s';
  const step = steps.find(({ belowS }) => seconds < belowS);
  return step ? step.text(seconds) : `${Math.trunc(seconds / yearS)}y`;
}

const steps: readonly { readonly belowS: number; readonly text: (s: number) => string }[] = [
  { belowS: 2 * minuteS, text: (s) => `${s}s` },
  { belowS: 10 * minuteS, text: (s) => inTwo(s, minuteS, 'm', 1, 's') },
  { belowS: 3 * hourS, text: (s) => `${Math.trunc(s / minuteS)}m` },
  { belowS: 8 * hourS, text: (s) => inTwo(s, hourS, 'h', minuteS, 'm') },
  { belowS: 2 * dayS, text: (s) => `${Math.trunc(s / hourS)}h` },
  { belowS: 8 * dayS, text: (s) => inTwo(s, dayS, 'd', hourS, 'h') },
  { belowS: 2 * yearS, text: (s) => `${Math.trunc(s / dayS)}d` },
  { belowS: 8 * yearS, text: (s) => inTwo(s, yearS, 'y', dayS, 'd') },
];

function inTwo(s: number, bigS: number, big: string, smallS: number, small: string): string {
  const rest = Math.trunc((s % bigS) / smallS);
  return `${Math.trunc(s / bigS)}${big}${rest === 0 ? '' : `${rest}${small}`}`;
}
