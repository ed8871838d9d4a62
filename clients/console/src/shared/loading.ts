/** Answers of the server as the state of a component. */

import { Unauthorized } from "algomancy-client";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** An answer: the last one stays while the next is awaited. */
export interface Loaded<Value> {
  value: Value | undefined;
  error: Error | undefined;
  isLoading: boolean;
  reload: () => void;
}

const listeners = new Set<() => void>();

/** Be called when the server wants a token, or another one. */
export function onUnauthorized(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tell of an error, and return it. */
export function noted(error: unknown): Error {
  if (error instanceof Unauthorized) for (const listener of listeners) listener();
  return error instanceof Error ? error : new Error(String(error));
}

/** Load a value, again whenever one of `inputs` changes. */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  inputs: readonly unknown[],
): Loaded<Value> {
  const [state, setState] = useState<Omit<Loaded<Value>, "reload">>({
    value: undefined,
    error: undefined,
    isLoading: true,
  });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const known = useRef(inputs);
  useEffect(() => {
    const left = new AbortController();
    const isOther = known.current !== inputs && known.current.some((each, position) => each !== inputs[position]);
    known.current = inputs;
    setState((before) => ({ ...before, ...(isOther && { value: undefined }), isLoading: true }));
    load(left.signal).then(
      (value) => left.signal.aborted || setState({ value, error: undefined, isLoading: false }),
      (error) => left.signal.aborted || setState((before) => ({ ...before, error: noted(error), isLoading: false })),
    );
    return () => left.abort();
  }, [...inputs, turn]);
  return { ...state, reload };
}

/** An action of a person: it runs once at a time, and its error is kept until the next one. */
export function useAction(): {
  run: (work: () => Promise<unknown>) => void;
  error: Error | undefined;
  isRunning: boolean;
} {
  const [error, setError] = useState<Error>();
  const [isRunning, setRunning] = useState(false);
  const run = (work: () => Promise<unknown>) => {
    setRunning(true);
    setError(undefined);
    work()
      .catch((failure: unknown) => setError(noted(failure)))
      .finally(() => setRunning(false));
  };
  return { run, error, isRunning };
}

/** Milliseconds: what others have changed is seen so soon, as long as the page is. */
const REFRESHED = 5_000;

/** Load something again from time to time. */
export function useRefreshed(reload: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), REFRESHED);
    return () => clearInterval(timer);
  }, [reload]);
}
