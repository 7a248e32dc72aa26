// A form and its fields. What the API says is wrong stands beside the field that it is about, for eyes and ears, and whoever
// sent the form is brought to the first of them; what belongs to no field is said above the button.
import { cloneElement, createContext, type ComponentChildren, type JSX, type TargetedSubmitEvent, type VNode } from "preact";
import { useContext, useId, useLayoutEffect, useRef } from "preact/hooks";
import { Problem } from "../api";
import type { FieldError } from "../types";
import { t } from "../words";
import { Notice, Trouble } from "./Notice";

const Wrong = createContext<FieldError[]>([]);

/** What is wrong, by the names of the API's own fields; of a sentence about the whole, the field is its first word. */
function wrongIn(error: unknown): FieldError[] {
  if (!(error instanceof Problem)) return [];
  return (error.document.errors ?? []).map((one) => ({
    ...one,
    field: (one.field || one.message.split(" ", 1)[0]!).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  }));
}

interface FormProps {
  error: unknown;
  send: (form: FormData) => Promise<void>;
  /** What the button says. */
  go: string;
  idle: boolean;
  class: string;
  /** What stands below the button. */
  foot?: ComponentChildren;
  changed?: (form: FormData) => void;
  children: ComponentChildren;
}

export function Form({ error, send, go, idle, class: called, foot, changed, children }: FormProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const wrong = wrongIn(error);
  const isHere = ({ field }: FieldError): boolean => [...(form.current?.elements ?? [])].some((one) => isOf(field, one.getAttribute("name")));
  useLayoutEffect(() => form.current!.querySelector<HTMLElement>("[aria-invalid]")?.focus(), [error]);
  return (
    <Wrong.Provider value={wrong}>
      <form
        ref={form}
        class={called}
        onSubmit={(event: TargetedSubmitEvent<HTMLFormElement>) => {
          event.preventDefault();
          void send(new FormData(event.currentTarget));
        }}
        onInput={(event) => changed?.(new FormData(event.currentTarget))}
      >
        {children}
        {error !== null &&
          (wrong.length && wrong.every(isHere) ? (
            <Notice tone="bad" title={t("problem.invalid-request")} urgent>
              <p>{t("problem.marked")}</p>
            </Notice>
          ) : (
            <Trouble error={error} />
          ))}
        <button type="submit" class="button primary wide" disabled={idle}>
          {go}
        </button>
        {foot}
      </form>
    </Wrong.Provider>
  );
}

function isOf(field: string, name: string | null): boolean {
  return !!name && (field === name || field.startsWith(`${name}.`));
}

interface FieldProps {
  name?: string | undefined;
  words: string;
  help?: string;
  optional?: boolean;
  /** The control: an input, a select or a textarea. */
  children: VNode;
}

export function Field({ name, words, help, optional = false, children }: FieldProps): JSX.Element {
  const id = useId();
  const wrong = useContext(Wrong).filter((one) => isOf(one.field, name ?? null));
  const told = [...(help ? [`${id}-help`] : []), ...(wrong.length ? [`${id}-wrong`] : [])].join(" ");
  return (
    <div class="field">
      <label for={id}>
        {words}
        {optional && <small> ({t("register.optional")})</small>}
      </label>
      {cloneElement(children, { id, name, "aria-describedby": told || undefined, "aria-invalid": wrong.length ? "true" : undefined })}
      {help && <small id={`${id}-help`}>{help}</small>}
      {wrong.length > 0 && (
        <small id={`${id}-wrong`} class="field-wrong">
          {wrong.map((one) => one.message).join("; ")}
        </small>
      )}
    </div>
  );
}
