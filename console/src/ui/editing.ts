/** A form over something that others may change meanwhile: what was changed is kept over what is there now. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { ApiError, fieldErrors, idempotencyKey, ifMatch, type Versioned } from "../api/client";
import { changesOf } from "./changes";

type Headers = { "If-Match"?: string } & { "Idempotency-Key": string };

interface Options<T, R> {
  /** What the form begins with: what was read, or the blank of something new. */
  start: Versioned<T>;
  /** Read it again, after somebody else has changed it; not for something new. */
  reread?: () => Promise<Versioned<T>>;
  /** Send it. `changes` are those of the fields alone. */
  write: (values: T, changes: Partial<T>, headers: Headers) => Promise<R>;
  onSaved: (answer: R) => void;
}

export interface Editing<T> {
  values: T;
  set: (changes: Partial<T>) => void;
  changes: Partial<T>;
  dirty: boolean;
  discard: () => void;
  save: () => void;
  /** Of its form element: save it, and leave the page where it is. */
  submit: (event: FormEvent) => void;
  busy: boolean;
  /** What is wrong at each field, by its path in the body. */
  errors: Record<string, string>;
  /** What is wrong beside the fields. */
  failure: Error | null;
  /** The fields that somebody else has changed since the form was opened; null: nobody has. */
  theirs: readonly (keyof T)[] | null;
}

export function useEditing<T extends object, R>({ start, reread, write, onSaved }: Options<T, R>): Editing<T> {
  const [base, setBase] = useState(start);
  const [changes, setChanges] = useState<Partial<T>>({});
  const [theirs, setTheirs] = useState<readonly (keyof T)[] | null>(null);
  const values = { ...base.value, ...changes };
  const changed = changesOf(base.value, values);
  const key = useKeyOf(values);

  const saving = useMutation({
    mutationFn: async () => {
      try {
        return await write(values, changed, { ...ifMatch(base.etag), ...key });
      } catch (error) {
        if (error instanceof ApiError && error.status === 412 && reread) {
          const now = await reread();
          setTheirs(Object.keys(changesOf(base.value, now.value)) as (keyof T)[]);
          setBase(now);
        }
        throw error;
      }
    },
    onSuccess: (answer) => {
      setTheirs(null);
      onSaved(answer);
    },
  });

  const { error } = saving;
  const errors = fieldErrors(error);
  const conflict = error instanceof ApiError && error.status === 412;
  return {
    values,
    changes: changed,
    dirty: Object.keys(changed).length > 0,
    set: (more) => setChanges((now) => changesOf(base.value, { ...base.value, ...now, ...more })),
    discard: () => {
      setChanges({});
      setTheirs(null);
      saving.reset();
    },
    save: () => saving.mutate(),
    submit: (event) => {
      event.preventDefault();
      saving.mutate();
    },
    busy: saving.isPending,
    errors,
    failure: error && !conflict && Object.keys(errors).length === 0 ? error : null,
    theirs,
  };
}

/** One key for one content: sent again it does nothing twice, and a corrected form is another request. */
function useKeyOf(values: object): { "Idempotency-Key": string } {
  const kept = useRef({ text: "", key: idempotencyKey() });
  const text = JSON.stringify(values);
  if (kept.current.text !== text) kept.current = { text, key: idempotencyKey() };
  return kept.current.key;
}
