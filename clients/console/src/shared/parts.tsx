/** Small parts of pages. */

import { type ComponentChildren, type VNode, cloneElement } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** An error, read out at once by screen readers. */
export function Fault({ error }: { error: Error | undefined }) {
  return error === undefined ? null : (
    <p class="fault" role="alert">
      {error.message}
    </p>
  );
}

/** What scrolls sideways rather than make the page wider; a keyboard can scroll it, too. */
export function Scrolling({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scrolling" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** A dialog that is open as long as it is there. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={close}>
      <header>
        <h2>{title}</h2>
        <button type="button" aria-label="Close" onClick={() => dialog.current!.close()}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** A label above an input. */
export function Field({ label, children }: { label: string; children: VNode<{ id?: string }> }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {cloneElement(children, { id })}
    </div>
  );
}

/** A status, in its colour. */
export function Status({ status }: { status: string }) {
  return <span class={`status ${status}`}>{status}</span>;
}
