/** Buttons that go through what is shown in parts. */

interface PagerProps {
  /** How many come before this part, and how many it has at most. */
  offset: number;
  size: number;
  total: number;
  noun: string;
  go: (offset: number) => void;
}

export function Pager({ offset, size, total, noun, go }: PagerProps) {
  const last = Math.max(Math.ceil(total / size) - 1, 0) * size;
  return (
    <p class="pager">
      <button type="button" disabled={offset === 0} onClick={() => go(0)} aria-label="First page">
        «
      </button>
      <button type="button" disabled={offset === 0} onClick={() => go(offset - size)} aria-label="Previous page">
        ‹
      </button>
      <span aria-live="polite">
        {total === 0
          ? `No ${noun}`
          : `${(offset + 1).toLocaleString()}–${Math.min(offset + size, total).toLocaleString()}`}
        {total > 0 && ` of ${total.toLocaleString()}`}
      </span>
      <button type="button" disabled={offset >= last} onClick={() => go(offset + size)} aria-label="Next page">
        ›
      </button>
      <button type="button" disabled={offset >= last} onClick={() => go(last)} aria-label="Last page">
        »
      </button>
    </p>
  );
}
