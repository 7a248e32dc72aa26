// Signing in and registering. The session is a cookie that no script can read; this page only learns that there is one.
import type { ComponentChildren, JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { ask, Problem } from "../api";
import { Notice, Trouble } from "../parts/Notice";
import { Title } from "../parts/Shell";
import { signedInNow } from "../person";
import { go, place } from "../router";
import { t, type Key } from "../words";

/** Where somebody wanted to go before they were asked to sign in; only ever a place of this page. */
function next(): string {
  const wanted = place.value.query.get("next") ?? "";
  return wanted.startsWith("/") && !wanted.startsWith("//") && !wanted.startsWith("/\\") ? wanted : "/mine";
}

export function SignIn(): JSX.Element {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [letter, setLetter] = useState(false);
  const [name, setName] = useState("");
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await signIn(String(form.get("user_id")), String(form.get("password")));
      go(next(), "replace");
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const forgot = async (): Promise<void> => {
    setError(null);
    try {
      await ask("/api/password-resets", { method: "POST", body: { user_id: name } });
      setLetter(true);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="narrow">
      <Title tab={t("signIn.title")}>{t("signIn.title")}</Title>
      <p class="lead">{place.value.query.has("next") ? t("signIn.needed") : t("signIn.lead")}</p>
      <form class="panel" onSubmit={(event) => void submit(event)}>
        <Wrong error={error} />
        {letter && <Notice tone="good" title={t("signIn.sent")} />}
        <Field name="user_id" words="signIn.name" autocomplete="username" onInput={setName} />
        <Field name="password" words="signIn.password" type="password" autocomplete="current-password" />
        <button type="submit" class="button primary wide" disabled={busy}>
          {t("signIn.go")}
        </button>
        <p class="row">
          <a href={`/register${location.search}`}>{t("signIn.register")}</a>
          <button type="button" class="link" disabled={!name} onClick={() => void forgot()}>
            {t("signIn.forgot")}
          </button>
        </p>
      </form>
    </section>
  );
}

async function signIn(userId: string, password: string): Promise<void> {
  await ask("/api/sessions", { method: "POST", body: { user_id: userId, password } });
  await signedInNow();
}

function Wrong({ error }: { error: unknown }): JSX.Element | null {
  if (error === null) return null;
  if (error instanceof Problem && error.slug === "unauthenticated") return <Notice tone="bad" title={t("signIn.wrong")} urgent />;
  if (error instanceof Problem && error.slug === "conflict") return <Notice tone="bad" title={t("register.taken")} urgent />;
  return <Trouble error={error} />;
}

export function Register(): JSX.Element {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const told = (name: string): string => String(form.get(name) ?? "").trim();
    setBusy(true);
    setError(null);
    try {
      const email = told("email");
      const password = String(form.get("password"));
      const body = { user_id: told("user_id"), password, display_name: told("display_name"), ...(email ? { email } : {}) };
      await ask("/api/accounts", { method: "POST", body });
      await signIn(told("user_id"), password);
      go(next(), "replace");
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <section class="narrow">
      <Title tab={t("register.title")}>{t("register.title")}</Title>
      <p class="lead">{t("register.lead")}</p>
      <form class="panel" onSubmit={(event) => void submit(event)}>
        <Wrong error={error} />
        <Field name="user_id" words="register.name" autocomplete="username" pattern="[A-Za-z0-9._~\-]{1,64}">
          <small>{t("register.nameHelp")}</small>
        </Field>
        <Field name="display_name" words="register.display" autocomplete="name" />
        <Field name="password" words="register.password" type="password" autocomplete="new-password" minLength={12}>
          <small>{t("register.passwordHelp")}</small>
        </Field>
        <Field name="email" words="register.email" type="email" autocomplete="email" optional />
        <button type="submit" class="button primary wide" disabled={busy}>
          {t("register.go")}
        </button>
        <p>
          <a href={`/sign-in${location.search}`}>{t("register.have")}</a>
        </p>
      </form>
    </section>
  );
}

interface FieldProps {
  name: string;
  words: Key;
  type?: "text" | "password" | "email";
  autocomplete: "username" | "current-password" | "new-password" | "name" | "email";
  pattern?: string;
  minLength?: number;
  optional?: boolean;
  children?: ComponentChildren;
  onInput?: (value: string) => void;
}

function Field({ name, words, type = "text", autocomplete, pattern, minLength, optional, children, onInput }: FieldProps): JSX.Element {
  // One attribute would decide the type of the others, and these come from outside.
  const kind: object = { type, autocomplete, ...(pattern ? { pattern } : {}), ...(minLength ? { minLength } : {}) };
  return (
    <label class="field">
      <span>
        {t(words)}
        {optional && <small> ({t("register.optional")})</small>}
      </span>
      <input
        name={name}
        autocapitalize="none"
        spellcheck={false}
        required={!optional}
        maxLength={256}
        {...kind}
        onInput={(event) => onInput?.(event.currentTarget.value)}
      />
      {children}
    </label>
  );
}
